package merchant

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"

	"linlipay/approval"
	"linlipay/calendar"
	"linlipay/fault"
	"linlipay/host"
	"linlipay/payment/gateway"
)

// AccountCheck is one finding of a merchant account's test, for a person.
type AccountCheck struct {
	Name   CheckName
	State  CheckState
	ZH, EN string
}

// CheckName is what was looked at.
type CheckName string

// The checks, in the order in which they are told.
const (
	CheckSettings CheckName = "settings" // complete, well-formed, and not the sandbox's in production
	// a signed question about a number that cannot exist is answered with a valid signature
	CheckQuery    CheckName = "query"
	CheckClock    CheckName = "clock"    // ours against the institution's
	CheckKeys     CheckName = "keys"     // when certificates expire
	CheckCallback CheckName = "callback" // whether the institution's notifications can reach us
)

// CheckState is how a check went.
type CheckState string

// The states: with a warning money can still be taken today.
const (
	CheckOK   CheckState = "ok"
	CheckWarn CheckState = "warn"
	CheckFail CheckState = "fail"
)

// Bounds of the checks.
const (
	clockWarn    = 30 * time.Second
	clockFail    = 4 * time.Minute // WeChat refuses what is signed more than 5 minutes off
	expiryWarn   = 30 * 24 * time.Hour
	callbackWait = 5 * time.Second
)

// TestAccount looks at one of a company's accounts, or returns NotFound. It asks the institution about a number that
// cannot exist, and our own address for what answers there; it changes nothing. One that was not approved yet is
// WrongState.
func (s *Service) TestAccount(ctx context.Context, company, id string) ([]AccountCheck, error) {
	rec, err := s.of(ctx, company, id)
	if err != nil {
		return nil, err
	}
	if !rec.inForce() {
		return nil, fault.New(fault.WrongState, "该商户号尚未批准，请测试待审批的配置。",
			"The account was not approved yet; test the change that waits.")
	}
	info := s.accountInfo(*rec)
	acc, _ := s.open(*rec) // that it does not open is its trouble
	return s.testOf(ctx, acc, info.Trouble, info.Keys), nil
}

// TestChange is TestAccount for the settings that wait for approval under a request, so that whoever decides sees that
// they work. They lead to hosts of the institution alone, and where they lead elsewhere than those in force no secret
// of those is among them. A request that waits no more is WrongState.
func (s *Service) TestChange(ctx context.Context, company, id, request string) ([]AccountCheck, error) {
	rec, err := s.of(ctx, company, id)
	if err != nil {
		return nil, err
	}
	change := s.accountChange(*rec)
	if change == nil || change.State != approval.Requested || change.ID != request || change.Enables {
		return nil, fault.New(fault.WrongState, "该申请已不在待审批，请刷新。", "That request waits no more; look again.")
	}
	acc, _ := s.openRequest(*rec)
	acc.ID += "/" + request // gateways keep what they know of an account by its id
	return s.testOf(ctx, acc, change.Trouble, change.Keys), nil
}

func (s *Service) testOf(ctx context.Context, acc gateway.Account, trouble *fault.Error,
	keys []AccountKey) []AccountCheck {
	checks := []AccountCheck{settingsCheck(trouble, acc)}
	var callback AccountCheck
	var asking sync.WaitGroup
	asking.Go(func() { callback = s.callbackCheck(ctx) })
	if checks[0].State != CheckFail {
		checks = append(checks, s.upstreamChecks(ctx, acc)...)
	}
	asking.Wait()
	return append(checks, keysCheck(keys, s.now()), callback)
}

func settingsCheck(f *fault.Error, acc gateway.Account) AccountCheck {
	if f != nil {
		return AccountCheck{CheckSettings, CheckFail, f.ZH, f.EN}
	}
	if acc.OnLoopback() {
		return AccountCheck{CheckSettings, CheckOK, "配置完整，指向本机沙箱（试用）。",
			"Complete; a sandbox on this machine, for a trial."}
	}
	return AccountCheck{CheckSettings, CheckOK, "配置完整。", "Complete."}
}

// upstreamChecks ask the institution once, and look at its answer and at its clock.
func (s *Service) upstreamChecks(ctx context.Context, acc gateway.Account) []AccountCheck {
	g, err := s.Gateway(acc.Institution)
	if err != nil {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, s.cfg.GatewayTimeout)
	defer cancel()
	ctx, verdict := gateway.WithVerdict(ctx)
	number, asked := "NONE"+rand.Text()[:20], s.cfg.Now()
	_, err = g.Query(ctx, acc, gateway.Trade{OutTradeNo: number, Wallet: gateway.Wallet(acc.Institution),
		Method:    gateway.Native,
		CreatedAt: asked})
	answered := s.cfg.Now()
	query := queryCheck(err, !verdict.Date.IsZero())
	if query.State != CheckOK {
		s.cfg.Log.Warn("a merchant account's test did not go well", "account", acc.ID, "err", err)
	}
	return []AccountCheck{query, clockCheck(verdict.Date, asked, answered)}
}

// queryCheck reads the answer to a question about nobody's number: a signed "no such trade" is the one good answer.
func queryCheck(err error, answered bool) AccountCheck {
	check := func(state CheckState, zh, en string) AccountCheck { return AccountCheck{CheckQuery, state, zh, en} }
	var g *gateway.Error
	if !errors.As(err, &g) {
		return check(CheckFail, "机构称存在一笔不可能存在的交易。", "The institution claims to know a trade that cannot exist.")
	}
	said := words(g)
	switch {
	case g.Kind == gateway.NotFound && g.Signed:
		return check(CheckOK, "机构已应答，双方签名均有效。", "The institution answered; both signatures are valid.")
	case g.Kind == gateway.NotFound:
		return check(CheckFail, "机构已应答，但其签名无法验证：请核对机构公钥或平台证书。",
			"The institution answered, but its signature does not verify: compare its public key or certificate.")
	case g.Kind == gateway.TryLater:
		return check(CheckWarn, "机构繁忙"+said+"，请稍后再试。", "The institution is busy"+said+"; try again later.")
	case g.Kind == gateway.Declined:
		return check(CheckFail, "机构拒绝了请求"+said+"：请核对商户号、证书序列号和私钥。", "The institution refused"+said+
			": compare the merchant number, the serial number and the private key.")
	case answered:
		return check(CheckFail, "机构的应答无法采信"+said+"：请核对密钥与本机时钟。", "The institution's answer cannot be believed"+said+
			": compare the keys and the clock.")
	}
	return check(CheckFail, "机构没有应答：请检查网络与接口地址。", "The institution does not answer: check the network and the address.")
}

// words are the institution's own, in brackets; at most 120 characters of them.
func words(g *gateway.Error) string {
	said := []rune(strings.TrimSpace(g.Code + " " + g.Message))
	if len(said) == 0 {
		return ""
	}
	return " (" + string(said[:min(len(said), 120)]) + ")"
}

// clockCheck compares the institution's clock, which is told in whole seconds, with ours when we asked and when it had
// answered.
func clockCheck(theirs, asked, answered time.Time) AccountCheck {
	check := func(state CheckState, zh, en string) AccountCheck { return AccountCheck{CheckClock, state, zh, en} }
	if theirs.IsZero() {
		return check(CheckWarn, "机构没有告知时间，无法比较。", "The institution told no time to compare with.")
	}
	off, zh, en := asked.Truncate(time.Second).Sub(theirs), "快", "fast"
	if behind := theirs.Sub(answered); behind > off {
		off, zh, en = behind, "慢", "slow"
	}
	off = off.Round(time.Second)
	if off <= time.Second {
		return check(CheckOK, "与机构时间一致。", "Agrees with the institution's.")
	}
	text := fmt.Sprintf("本机时钟比机构%s %v。", zh, off)
	english := fmt.Sprintf("This machine's clock is %v %s.", off, en)
	switch {
	case off > clockFail:
		return check(CheckFail, text+"机构会拒绝请求，请校准时钟。", english+" The institution refuses requests: set the clock.")
	case off > clockWarn:
		return check(CheckWarn, text+"请校准时钟。", english+" Set the clock.")
	}
	return check(CheckOK, text, english)
}

// keysCheck tells of the certificate that is worst off: of those alike, the one that expires first.
func keysCheck(keys []AccountKey, now time.Time) AccountCheck {
	worst := AccountCheck{CheckKeys, CheckOK, "没有会到期的证书。", "No certificate that expires."}
	keys = slices.DeleteFunc(slices.Clone(keys), func(k AccountKey) bool { return k.ExpiresAt.IsZero() })
	slices.SortFunc(keys, func(a, b AccountKey) int { return a.ExpiresAt.Compare(b.ExpiresAt) })
	for i, k := range keys {
		if c := k.check(now); i == 0 || rank(c.State) > rank(worst.State) {
			worst = c
		}
	}
	return worst
}

// check says how long the certificate is valid. One that stands behind a newer one only warns: it is on its way out.
func (k AccountKey) check(now time.Time) AccountCheck {
	state, zh, en := CheckOK, "有效期至 ", "is valid until "
	switch left := k.ExpiresAt.Sub(now); {
	case left <= 0 && k.Old:
		state, zh, en = CheckWarn, "是旧证书，已到期：", "is an old one and expired on "
	case left <= 0:
		state, zh, en = CheckFail, "已到期：", "expired on "
	case left <= expiryWarn && !k.Old:
		state, zh, en = CheckWarn, "即将到期：", "expires soon, on "
	}
	day := calendar.Day(k.ExpiresAt)
	return AccountCheck{CheckKeys, state, fmt.Sprintf("%s（%s）%s%s。", k.Setting, k.Fingerprint, zh, day),
		fmt.Sprintf("%s (%s) %s%s.", k.Setting, k.Fingerprint, en, day)}
}

// rank orders states from good to bad.
func rank(s CheckState) int { return slices.Index([]CheckState{CheckOK, CheckWarn, CheckFail}, s) }

// callbackCheck asks our own address, as the institutions will, who is there.
func (s *Service) callbackCheck(ctx context.Context) AccountCheck {
	check := func(state CheckState, zh, en string) AccountCheck { return AccountCheck{CheckCallback, state, zh, en} }
	u, err := url.Parse(s.cfg.BaseURL)
	if err != nil || u.Scheme != "https" && !host.IsLoopback(u.Hostname()) {
		return check(CheckFail, "回调地址须为 https。", "The callback address must be https.")
	}
	who, until, err := s.answersAt(ctx, s.cfg.BaseURL+"/healthz")
	soon := !until.IsZero() && until.Sub(s.now()) < expiryWarn
	switch {
	case err != nil:
		s.cfg.Log.Warn("our own address does not answer", "address", s.cfg.BaseURL, "err", err)
		return check(CheckFail, s.cfg.BaseURL+" 无法访问，收不到机构的通知。",
			s.cfg.BaseURL+" cannot be reached, so notifications do not arrive.")
	case who != s.Instance():
		return check(CheckFail, s.cfg.BaseURL+" 应答的不是本系统（或使用了另一个密钥）。",
			s.cfg.BaseURL+" is answered by something else, or under another secret key.")
	case host.IsLoopback(u.Hostname()):
		return check(CheckOK, "本机地址可访问，仅供试用。", "This machine's own address answers; for a trial only.")
	case soon:
		day := calendar.Day(until)
		return check(CheckWarn, "可访问，但网站证书将于 "+day+" 到期。", "It can be reached, but the site's certificate expires on "+
			day+".")
	}
	return check(CheckOK, s.cfg.BaseURL+" 可访问。", s.cfg.BaseURL+" can be reached.")
}

// answersAt is the instance that answers at an address, and until when its TLS certificate is valid.
func (s *Service) answersAt(ctx context.Context, address string) (instance string, until time.Time, err error) {
	transport := host.NewTransport(host.Anywhere)
	defer transport.CloseIdleConnections()
	client := &http.Client{Transport: transport, Timeout: callbackWait,
		CheckRedirect: func(*http.Request, []*http.Request) error {
			return http.ErrUseLastResponse
		}}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return "", until, err
	}
	resp, err := client.Do(req)
	if err != nil {
		return "", until, err
	}
	raw, err := gateway.ReadAnswer(resp.Body)
	if err != nil {
		return "", until, err
	}
	if resp.TLS != nil {
		until = resp.TLS.PeerCertificates[0].NotAfter
	}
	var health struct {
		Instance string `json:"instance"`
	}
	if resp.StatusCode != http.StatusOK {
		return "", until, fmt.Errorf("merchant: answered with status %d", resp.StatusCode)
	}
	if json.Unmarshal(raw, &health) != nil {
		health.Instance = "" // somebody else's page
	}
	return health.Instance, until, nil
}
