package merchant_test

import (
	"bytes"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"log/slog"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"linlipay/approval"
	"linlipay/fault"
	"linlipay/payment"
	"linlipay/payment/gateway"
	"linlipay/payment/gateway/alipay"
	"linlipay/payment/gateway/gatewaytest"
	"linlipay/payment/gateway/wechat"
	"linlipay/payment/merchant"
	"linlipay/payment/sandbox"
	"linlipay/seal"
	"linlipay/sqlite/sqlitetest"
	"linlipay/store"
)

// office is where merchant accounts are set up: real gateways, the institutions on loopback, and an address of our own
// that answers.
type office struct {
	t        *testing.T
	bank     *sandbox.Sandbox
	store    store.Store
	accounts *merchant.Accounts
	cfg      payment.Config
	log      bytes.Buffer
}

func newOffice(t *testing.T) *office {
	t.Helper()
	o := &office{t: t, bank: gatewaytest.Play(t, sandbox.Config{})}
	o.store = sqlitetest.Open(t, payment.Schemas()...)
	box, err := seal.New(seal.NewKey())
	if err != nil {
		t.Fatal(err)
	}
	o.accounts = merchant.NewAccounts(o.store, box)
	o.cfg = payment.Config{
		Accounts: o.accounts, Now: time.Now, Sandbox: true,
		Log:     slog.New(slog.NewTextHandler(&o.log, &slog.HandlerOptions{Level: slog.LevelDebug})),
		BaseURL: o.page(http.StatusOK, `{"status":"ok","instance":"`+o.accounts.Instance()+`"}`),
	}
	return o
}

// page is an address that answers one thing.
func (o *office) page(status int, body string) string {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(status)
		fmt.Fprint(w, body)
	}))
	o.t.Cleanup(server.Close)
	return server.URL
}

// process is one of any number of processes on the store, with clients of its own.
func (o *office) process() *payment.Service {
	cfg := o.cfg
	cfg.Gateways = []gateway.Gateway{wechat.New(nil, 5*time.Second, time.Now), alipay.New(nil, 5*time.Second)}
	return payment.NewService(o.store, cfg)
}

// credentials are what a person would type in.
func (o *office) credentials(i gateway.Institution) map[string]string {
	o.t.Helper()
	c := o.bank.Credentials()
	return gatewaytest.Settings(o.t, map[gateway.Institution]any{gateway.WeChat: c.Wechat, gateway.Alipay: c.Alipay}[i])
}

// entered is an account as a person asks for it.
func entered(i gateway.Institution, settings map[string]string) merchant.NewAccount {
	return merchant.NewAccount{
		AccountEdit: merchant.AccountEdit{Name: "物业费", Settings: settings}, Asker: merchant.Asker{By: maker},
		Company: "c", Institution: i,
	}
}

// The people: one who asks, one who decides.
var (
	maker   = approval.Person{ID: "staff:1", Roles: []string{"operations"}}
	checker = approval.Person{ID: "staff:2", Roles: []string{"finance"}}
)

// approve has another person approve what waits for an account.
func (o *office) approve(company string, info merchant.AccountInfo) merchant.AccountInfo {
	o.t.Helper()
	info, err := o.process().Merchants().DecideAccount(o.t.Context(), company, info.ID,
		approval.Decision{Request: info.Change.ID, Approve: true}, checker)
	if err != nil {
		o.t.Fatal(err)
	}
	return info
}

// edit asks for a change and has it approved.
func (o *office) edit(company, id string, e merchant.AccountEdit) merchant.AccountInfo {
	o.t.Helper()
	s := o.process()
	now, err := s.Merchants().AccountInfo(o.t.Context(), company, id)
	if err != nil {
		o.t.Fatal(err)
	}
	info, err := s.Merchants().EditAccount(o.t.Context(), company, id, e,
		merchant.Asker{By: maker, Revision: now.Revision})
	if err != nil {
		o.t.Fatal(err)
	}
	return o.approve(company, info)
}

// enable asks that an account be enabled and has it approved.
func (o *office) enable(company, id string) (merchant.AccountInfo, error) {
	o.t.Helper()
	s := o.process()
	now, err := s.Merchants().AccountInfo(o.t.Context(), company, id)
	if err != nil {
		o.t.Fatal(err)
	}
	info, err := s.Merchants().AskToEnable(o.t.Context(), company, id,
		merchant.Asker{By: maker, Revision: now.Revision})
	if err != nil {
		return info, err
	}
	return o.approve(company, info), nil
}

func (o *office) add(i gateway.Institution) merchant.AccountInfo {
	o.t.Helper()
	info, _, err := o.process().Merchants().AddAccount(o.t.Context(), entered(i, o.credentials(i)))
	if err != nil {
		o.t.Fatal(err)
	}
	return o.approve("c", info)
}

// states are how a test of the account goes.
func (o *office) states(s *payment.Service, id string) map[merchant.CheckName]merchant.CheckState {
	o.t.Helper()
	checks, err := s.Merchants().TestAccount(o.t.Context(), "c", id)
	if err != nil {
		o.t.Fatal(err)
	}
	states := map[merchant.CheckName]merchant.CheckState{}
	for _, c := range checks {
		if c.ZH == "" || c.EN == "" {
			o.t.Errorf("%s says nothing", c.Name)
		}
		states[c.Name] = c.State
	}
	return states
}

var allWell = map[merchant.CheckName]merchant.CheckState{
	merchant.CheckSettings: merchant.CheckOK, merchant.CheckQuery: merchant.CheckOK,
	merchant.CheckClock:    merchant.CheckOK,
	merchant.CheckKeys:     merchant.CheckOK,
	merchant.CheckCallback: merchant.CheckOK,
}

// but is all well except for some.
func but(entries map[merchant.CheckName]merchant.CheckState) map[merchant.CheckName]merchant.CheckState {
	states := maps.Clone(allWell)
	maps.Copy(states, entries)
	return states
}

func TestGoodAccountsPassTheirTest(t *testing.T) {
	o := newOffice(t)
	for _, i := range []gateway.Institution{gateway.WeChat, gateway.Alipay} {
		if got := o.states(o.process(), o.add(i).ID); !maps.Equal(got, allWell) {
			t.Errorf("%s: %v", i, got)
		}
	}
}

// Every way in which an account or its surroundings are wrong is found, by the check that is about it.
func TestWhatIsWrongIsFound(t *testing.T) {
	o := newOffice(t)
	next, _, _ := anotherKey(t)
	elsewhere := o.page(http.StatusOK, "")
	for name, c := range map[string]struct {
		institution gateway.Institution
		settings    map[string]string
		surround    func(*payment.Config)
		want        map[merchant.CheckName]merchant.CheckState
	}{
		"another's public key": {gateway.Alipay, map[string]string{"alipay_public_key_pem": next}, nil,
			but(map[merchant.CheckName]merchant.CheckState{merchant.CheckQuery: merchant.CheckFail})},
		"an unknown serial": {gateway.WeChat, map[string]string{"serial_no": "5F"}, nil,
			but(map[merchant.CheckName]merchant.CheckState{merchant.CheckQuery: merchant.CheckFail})},
		"nobody at the address": {gateway.Alipay, map[string]string{"base_url": "http://127.0.0.1:1/gateway.do"}, nil,
			but(map[merchant.CheckName]merchant.CheckState{merchant.CheckQuery: merchant.CheckFail,
				merchant.CheckClock: merchant.CheckWarn})},
		"somebody else at the address": {gateway.WeChat, map[string]string{"base_url": elsewhere}, nil,
			but(map[merchant.CheckName]merchant.CheckState{merchant.CheckQuery: merchant.CheckFail})},
		"our clock is late": {gateway.WeChat, nil, func(c *payment.Config) {
			c.Now = func() time.Time { return time.Now().Add(-45 * time.Second) }
		},
			but(map[merchant.CheckName]merchant.CheckState{merchant.CheckClock: merchant.CheckWarn})},
		"our clock is wrong": {gateway.WeChat, nil, func(c *payment.Config) {
			c.Now = func() time.Time { return time.Now().Add(5 * time.Minute) }
		},
			but(map[merchant.CheckName]merchant.CheckState{merchant.CheckClock: merchant.CheckFail})},
		"the certificate expires soon": {gateway.WeChat, nil, func(c *payment.Config) {
			c.Now = func() time.Time { return time.Now().AddDate(5, 0, -20) }
		},
			but(map[merchant.CheckName]merchant.CheckState{merchant.CheckClock: merchant.CheckFail,
				merchant.CheckKeys: merchant.CheckWarn})},
		"the certificate has expired": {gateway.WeChat, nil, func(c *payment.Config) {
			c.Now = func() time.Time { return time.Now().AddDate(5, 0, 1) }
		},
			but(map[merchant.CheckName]merchant.CheckState{merchant.CheckClock: merchant.CheckFail,
				merchant.CheckKeys: merchant.CheckFail})},
		"another answers our address": {gateway.Alipay, nil, func(c *payment.Config) {
			c.BaseURL = o.page(http.StatusOK, `{"status":"ok","instance":"0123456789abcdef"}`)
		},
			but(map[merchant.CheckName]merchant.CheckState{merchant.CheckCallback: merchant.CheckFail})},
		"our address is a page": {gateway.Alipay, nil, func(c *payment.Config) { c.BaseURL = elsewhere },
			but(map[merchant.CheckName]merchant.CheckState{merchant.CheckCallback: merchant.CheckFail})},
		"our address has trouble": {gateway.Alipay, nil, func(c *payment.Config) {
			c.BaseURL = o.page(http.StatusServiceUnavailable, `{}`)
		},
			but(map[merchant.CheckName]merchant.CheckState{merchant.CheckCallback: merchant.CheckFail})},
		"our address is not https": {gateway.Alipay, nil, func(c *payment.Config) {
			c.BaseURL = "http://pay.example.com"
		},
			but(map[merchant.CheckName]merchant.CheckState{merchant.CheckCallback: merchant.CheckFail})},
		"our address is nowhere": {gateway.Alipay, nil, func(c *payment.Config) { c.BaseURL = "http://127.0.0.1:1" },
			but(map[merchant.CheckName]merchant.CheckState{merchant.CheckCallback: merchant.CheckFail})},
		"the sandbox in production": {gateway.Alipay, nil, func(c *payment.Config) { c.Sandbox = false },
			map[merchant.CheckName]merchant.CheckState{merchant.CheckSettings: merchant.CheckFail,
				merchant.CheckKeys: merchant.CheckOK, merchant.CheckCallback: merchant.CheckOK}},
		"a setting lost": {gateway.WeChat, map[string]string{"appid": ""}, nil,
			map[merchant.CheckName]merchant.CheckState{merchant.CheckSettings: merchant.CheckFail,
				merchant.CheckKeys: merchant.CheckOK, merchant.CheckCallback: merchant.CheckOK}},
	} {
		t.Run(name, func(t *testing.T) {
			acc := gateway.Account{ID: name, Company: "c", Institution: c.institution,
				Settings: o.credentials(c.institution)}
			maps.Copy(acc.Settings, c.settings)
			if err := o.accounts.Put(t.Context(), acc, time.Now()); err != nil {
				t.Fatal(err)
			}
			surroundings := o.cfg
			if c.surround != nil {
				c.surround(&o.cfg)
			}
			got := o.states(o.process(), name)
			o.cfg = surroundings
			if !maps.Equal(got, c.want) {
				t.Errorf("%v, want %v", got, c.want)
			}
		})
	}
}

// While a verification key is replaced both are valid, one process sees what another changed, and dropping the old one
// makes it invalid.
func TestKeysAreRotatedAcrossProcesses(t *testing.T) {
	o := newOffice(t)
	info := o.add(gateway.Alipay)
	there := o.process()
	if got := o.states(there, info.ID); got[merchant.CheckQuery] != merchant.CheckOK {
		t.Fatalf("before: %v", got)
	}
	next, fingerprint, _ := anotherKey(t)
	edit := func(e merchant.AccountEdit) merchant.AccountInfo {
		t.Helper()
		return o.edit("c", info.ID, e)
	}
	rotating := edit(merchant.AccountEdit{Name: "物业费", Rotate: true,
		Settings: map[string]string{"alipay_public_key_pem": next}})
	keys := slices.DeleteFunc(slices.Clone(rotating.Keys), func(k merchant.AccountKey) bool {
		return k.Setting != "alipay_public_key_pem"
	})
	if len(keys) != 2 || keys[0].Fingerprint != fingerprint || keys[0].Old || !keys[1].Old ||
		rotating.ChangedBy != "staff:1" || rotating.CreatedBy != "staff:1" {
		t.Errorf("while rotating: %+v", rotating)
	}
	if got := o.states(there, info.ID); !maps.Equal(got, allWell) {
		t.Errorf("while rotating, in another process: %v", got)
	}
	again := merchant.AccountEdit{Name: "物业费", Rotate: true,
		Settings: map[string]string{"alipay_public_key_pem": next + "\r\n"}}
	if _, err := there.Merchants().EditAccount(t.Context(), "c", info.ID, again,
		merchant.Asker{By: maker, Revision: rotating.Revision}); !fault.Is(err, fault.Invalid) {
		t.Errorf("the same key entered twice: %v", err)
	}
	dropped := edit(merchant.AccountEdit{Name: "物业费", DropOld: true})
	if len(dropped.Keys) != 2 || dropped.Keys[0].Fingerprint != fingerprint {
		t.Errorf("afterwards: %+v", dropped.Keys)
	}
	if got := o.states(there, info.ID); got[merchant.CheckQuery] != merchant.CheckFail {
		t.Errorf("afterwards, what the old key signed: %v", got)
	}
}

// WeChat's keys go by ids, and its APIv3 key has a setting for the one before it.
func TestWeChatsKeysAreRotated(t *testing.T) {
	o := newOffice(t)
	info := o.add(gateway.WeChat)
	next, _, _ := anotherKey(t)
	old := o.credentials(gateway.WeChat)
	o.edit("c", info.ID, merchant.AccountEdit{
		Rotate: true, Settings: map[string]string{"public_key_pem": next, "public_key_id": "PUB_KEY_ID_NEXT",
			"apiv3_key": strings.Repeat("n", 32)},
	})
	stored := func() map[string]string {
		acc, err := o.accounts.Get(t.Context(), info.ID)
		if err != nil {
			t.Fatal(err)
		}
		return acc.Settings
	}
	got := stored()
	if got["public_key_id"] != "PUB_KEY_ID_NEXT\n"+old["public_key_id"] ||
		got["public_key_pem"] != strings.TrimSpace(next)+"\n"+strings.TrimSpace(old["public_key_pem"]) ||
		got["previous_apiv3_key"] != old["apiv3_key"] || got["mchid"] != old["mchid"] {
		t.Errorf("while rotating: %q", got)
	}
	o.edit("c", info.ID, merchant.AccountEdit{DropOld: true})
	got = stored()
	if got["public_key_id"] != "PUB_KEY_ID_NEXT" || got["public_key_pem"] != strings.TrimSpace(next) ||
		got["previous_apiv3_key"] != "" || got["platform_cert_pem"] != strings.TrimSpace(old["platform_cert_pem"]) {
		t.Errorf("afterwards: %q", got)
	}
}

func TestWhatCannotBeStored(t *testing.T) {
	o := newOffice(t)
	s, good := o.process(), o.credentials(gateway.WeChat)
	_, _, private := anotherKey(t)
	for name, c := range map[string]struct {
		setting, value string
		code           fault.Code
	}{
		"an unknown setting":       {"mch_id", "1", fault.Invalid},
		"nothing":                  {"mchid", "", fault.Invalid},
		"two lines":                {"mchid", "1\n2", fault.Invalid},
		"a control character":      {"appid", "wx\x00", fault.Invalid},
		"much":                     {"appid", strings.Repeat("x", 25<<10), fault.Invalid},
		"a spoilt key":             {"private_key_pem", good["private_key_pem"][:400], fault.Invalid},
		"a key behind another key": {"private_key_pem", good["private_key_pem"] + private, fault.Invalid},
		"http":                     {"base_url", "http://pay.example.com", fault.Invalid},
		"a key as its address":     {"base_url", private, fault.Invalid},
	} {
		settings := maps.Clone(good)
		settings[c.setting] = c.value
		_, _, err := s.Merchants().AddAccount(t.Context(), entered(gateway.WeChat, settings))
		if !fault.Is(err, c.code) {
			t.Errorf("%s: %v", name, err)
		}
		if err != nil && c.value != "" && strings.Contains(err.Error(), c.value[:min(len(c.value), 40)]) &&
			c.value != "1" {
			t.Errorf("%s: the error repeats what was entered: %v", name, err)
		}
	}
	if _, _, err := s.Merchants().AddAccount(t.Context(), entered(gateway.Cash, nil)); !fault.Is(err,
		fault.Unsupported) {
		t.Errorf("cash: %v", err)
	}
	o.cfg.Sandbox = false
	if _, _, err := o.process().Merchants().AddAccount(t.Context(), entered(gateway.WeChat, good)); !fault.Is(err,
		fault.Invalid) {
		t.Errorf("the sandbox in production: %v", err)
	}
	if infos, _, err := s.Merchants().AccountInfos(t.Context(), "c", "", 0); err != nil || len(infos) != 0 {
		t.Errorf("stored none the less: %+v, %v", infos, err)
	}
}

// A request that is repeated under its key, at once and by several processes, makes one account; the key is nobody
// else's, and not another request's.
func TestOneAccountPerKey(t *testing.T) {
	o := newOffice(t)
	n := entered(gateway.Alipay, o.credentials(gateway.Alipay))
	n.IdempotencyKey, n.KeyHash = "staff:1 k", "hash"
	made, hits := make(chan string, 8), make(chan bool, 8)
	var asking sync.WaitGroup
	for range cap(made) {
		asking.Go(func() {
			info, hit, err := o.process().Merchants().AddAccount(t.Context(), n)
			if err != nil {
				t.Error(err)
			}
			made <- info.ID
			hits <- hit
		})
	}
	asking.Wait()
	first, fresh := <-made, 0
	for range cap(made) - 1 {
		if again := <-made; again != first {
			t.Errorf("the key made %s and %s", first, again)
		}
	}
	for range cap(hits) {
		if !<-hits {
			fresh++
		}
	}
	s := o.process()
	other, elsewhere := n, n
	other.KeyHash, elsewhere.Company = "another", "d"
	if _, _, err := s.Merchants().AddAccount(t.Context(), other); !fault.Is(err, fault.KeyReused) {
		t.Errorf("the key with another request: %v", err)
	}
	if _, hit, err := s.Merchants().AddAccount(t.Context(), elsewhere); err != nil || hit {
		t.Errorf("the key in another company: hit %t, %v", hit, err)
	}
	if infos, _, err := s.Merchants().AccountInfos(t.Context(), "c", "", 0); err != nil || len(infos) != 1 ||
		fresh != 1 {
		t.Errorf("%d accounts, %d of them new, %v", len(infos), fresh, err)
	}
	for range 2 { // without a key each request is its own
		o.add(gateway.Alipay)
	}
	if infos, _, err := s.Merchants().AccountInfos(t.Context(), "c", "", 0); err != nil || len(infos) != 3 {
		t.Errorf("without a key: %d accounts, %v", len(infos), err)
	}
}

// A disabled account takes nothing new and is there for what it took; another company has no part in any of it.
func TestAccountsAreDisabledByTheirOwnCompany(t *testing.T) {
	o := newOffice(t)
	info, s := o.add(gateway.Alipay), o.process()
	serving := func() int {
		accounts, err := o.accounts.Of(t.Context(), "c")
		if err != nil {
			t.Fatal(err)
		}
		return len(accounts)
	}
	for _, disabled := range []bool{true, false} {
		got, err := o.enable("c", info.ID)
		if disabled {
			got, err = s.Merchants().DisableAccount(t.Context(), "c", info.ID, "staff:1")
		}
		if err != nil || got.Disabled != disabled || got.ChangedBy != "staff:1" || (serving() == 0) != disabled {
			t.Errorf("disabled %t: %+v, %v, %d serving", disabled, got, err, serving())
		}
		if acc, err := o.accounts.Get(t.Context(), info.ID); err != nil || acc.Disabled != disabled ||
			acc.Settings["app_id"] == "" {
			t.Errorf("disabled %t, by its id: %v", disabled, err)
		}
	}
	_, infoErr := s.Merchants().AccountInfo(t.Context(), "other", info.ID)
	_, editErr := s.Merchants().EditAccount(t.Context(), "other", info.ID, merchant.AccountEdit{Name: "mine"},
		merchant.Asker{By: maker, Revision: 3})
	_, disableErr := s.Merchants().DisableAccount(t.Context(), "other", info.ID, "x")
	_, enableErr := s.Merchants().AskToEnable(t.Context(), "other", info.ID, merchant.Asker{By: maker, Revision: 3})
	_, decideErr := s.Merchants().DecideAccount(t.Context(), "other", info.ID, approval.Decision{}, checker)
	_, withdrawErr := s.Merchants().WithdrawAccount(t.Context(), "other", info.ID, "x", maker)
	_, changeErr := s.Merchants().TestChange(t.Context(), "other", info.ID, "x")
	_, testErr := s.Merchants().TestAccount(t.Context(), "other", info.ID)
	for i, err := range []error{infoErr, editErr, disableErr, testErr, enableErr, decideErr, withdrawErr, changeErr} {
		if !fault.Is(err, fault.NotFound) {
			t.Errorf("another company, %d: %v", i, err)
		}
	}
	if got, err := s.Merchants().AccountInfo(t.Context(), "c", info.ID); err != nil || got.Name != "物业费" ||
		got.Disabled {
		t.Errorf("afterwards: %+v, %v", got, err)
	}
}

// An account that cannot be used, even one whose settings do not open, is listed with what is wrong; it can be
// disabled, is not enabled as it is, and can be mended. The other accounts are there all the while.
func TestABrokenAccountIsShownDisabledAndMended(t *testing.T) {
	o := newOffice(t)
	good := o.credentials(gateway.Alipay)
	box, err := seal.New(seal.NewKey())
	if err != nil {
		t.Fatal(err)
	}
	incomplete := maps.Clone(good)
	delete(incomplete, "app_id")
	for id, c := range map[string]struct {
		accounts *merchant.Accounts
		settings map[string]string
		trouble  string
	}{
		"incomplete": {o.accounts, incomplete, "app_id"},
		"sealed":     {merchant.NewAccounts(o.store, box), good, "LINLIPAY_SECRET_KEY"},
	} {
		t.Run(id, func(t *testing.T) {
			acc := gateway.Account{ID: id, Company: id, Institution: gateway.Alipay, Settings: c.settings}
			if err := c.accounts.Put(t.Context(), acc, time.Now()); err != nil {
				t.Fatal(err)
			}
			acc.ID, acc.Settings = id+" neighbour", good
			if err := o.accounts.Put(t.Context(), acc, time.Now()); err != nil {
				t.Fatal(err)
			}
			s := o.process()
			infos, _, err := s.Merchants().AccountInfos(t.Context(), id, "", 0)
			if err != nil || len(infos) != 2 || infos[0].Trouble == nil ||
				!strings.Contains(infos[0].Trouble.EN, c.trouble) || infos[1].Trouble != nil {
				t.Fatalf("listed %+v, %v", infos, err)
			}
			checks, err := s.Merchants().TestAccount(t.Context(), id, id)
			if err != nil || checks[0].State != merchant.CheckFail || !strings.Contains(checks[0].EN, c.trouble) {
				t.Errorf("tested: %+v, %v", checks, err)
			}
			info, err := s.Merchants().DisableAccount(t.Context(), id, id, "staff:1")
			if err != nil || !info.Disabled || info.Trouble == nil {
				t.Errorf("disabled: %+v, %v", info, err)
			}
			if serving, err := o.accounts.Of(t.Context(), id); err != nil || len(serving) != 1 {
				t.Errorf("%d serve, %v", len(serving), err)
			}
			if _, err := o.enable(id, id); err == nil {
				t.Error("it was enabled as it is")
			}
			o.edit(id, id, merchant.AccountEdit{Settings: good})
			if info, err = o.enable(id, id); err != nil || info.Disabled || info.Trouble != nil {
				t.Errorf("enabled: %+v, %v", info, err)
			}
		})
	}
}

// One account whose settings do not open keeps no other from what is done with all of them, and is told of.
func TestAllAccountsThatOpen(t *testing.T) {
	o := newOffice(t)
	box, err := seal.New(seal.NewKey())
	if err != nil {
		t.Fatal(err)
	}
	if err := merchant.NewAccounts(o.store, box).Put(t.Context(),
		gateway.Account{ID: "a sealed", Company: "c", Institution: gateway.Alipay}, time.Now()); err != nil {
		t.Fatal(err)
	}
	good := o.add(gateway.Alipay)
	accounts, err := o.accounts.All(t.Context())
	if len(accounts) != 1 || accounts[0].ID != good.ID || err == nil || !strings.Contains(err.Error(), "a sealed") {
		t.Errorf("%d accounts, %v", len(accounts), err)
	}
}

// No secret is in the store, in what is shown or in the log, whatever is done with an account.
func TestNoSecretIsTold(t *testing.T) {
	o := newOffice(t)
	_, _, private := anotherKey(t)
	var shown []any
	secrets := map[string]string{"the key entered last": private}
	for _, i := range []gateway.Institution{gateway.WeChat, gateway.Alipay} {
		info, s := o.add(i), o.process()
		for name, value := range o.credentials(i) {
			if strings.Contains(name, "private") || strings.Contains(name, "secret") || name == "apiv3_key" {
				secrets[string(i)+" "+name] = value
			}
		}
		checks, err := s.Merchants().TestAccount(t.Context(), "c", info.ID)
		if err != nil {
			t.Fatal(err)
		}
		rotated := merchant.AccountEdit{Name: "新", Rotate: true,
			Settings: map[string]string{"private_key_pem": private}}
		waiting, err := s.Merchants().EditAccount(t.Context(), "c", info.ID, rotated,
			merchant.Asker{By: maker, Revision: info.Revision})
		if err != nil {
			t.Fatal(err)
		}
		shown = append(shown, waiting, *waiting.Change, stored(t, o.store))
		tried, err := s.Merchants().TestChange(t.Context(), "c", info.ID, waiting.Change.ID)
		if err != nil {
			t.Fatal(err)
		}
		changed := o.approve("c", waiting)
		shown = append(shown, tried, *changed.Change)
		spoilt := merchant.AccountEdit{Settings: map[string]string{"private_key_pem": private[:300],
			"base_url": private}}
		_, refused := s.Merchants().EditAccount(t.Context(), "c", info.ID, spoilt,
			merchant.Asker{By: maker, Revision: changed.Revision})
		failed, err := s.Merchants().TestAccount(t.Context(), "c", info.ID)
		if err != nil || refused == nil {
			t.Fatal(err, refused)
		}
		shown = append(shown, info, checks, changed, refused.Error(), failed)
	}
	text := fmt.Sprintf("%+v", shown) + o.log.String() + stored(t, o.store)
	if len(secrets) < 4 || !strings.Contains(text, "something was done with a merchant account") ||
		!strings.Contains(text, `"sealed"`) {
		t.Fatalf("the hunt looks at too little: %d secrets", len(secrets))
	}
	for name, secret := range secrets {
		for _, line := range strings.Split(secret, "\n") {
			if len(line) > 16 && !strings.HasPrefix(line, "-----") && strings.Contains(text, line) {
				t.Errorf("%s is told", name)
			}
		}
	}
}

// stored is every merchant account as the store has it.
func stored(t *testing.T, s store.Store) string {
	t.Helper()
	page, err := s.Find(t.Context(), "merchant_accounts", store.Query{Index: "by_company", Equal: []any{"c"}})
	if err != nil || len(page.Docs) == 0 {
		t.Fatal(page, err)
	}
	var b strings.Builder
	for _, d := range page.Docs {
		b.Write(d.Body)
	}
	return b.String()
}

// anotherKey makes a key that nobody has yet, with its fingerprint by the definition.
func anotherKey(t *testing.T) (publicPEM, fingerprint, privatePEM string) {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	public, err := x509.MarshalPKIXPublicKey(&key.PublicKey)
	if err != nil {
		t.Fatal(err)
	}
	private, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	text := func(kind string, der []byte) string {
		return string(pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}))
	}
	return text("PUBLIC KEY", public), fmt.Sprintf("%x", sha256.Sum256(public))[:8], text("PRIVATE KEY", private)
}
