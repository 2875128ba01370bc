package app

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"linlipay/access"
	"linlipay/host"
	"linlipay/payment/gateway"
	"linlipay/payment/gateway/alipay"
	"linlipay/payment/gateway/lakala"
	"linlipay/payment/gateway/ruiyinxin"
	"linlipay/payment/gateway/shengpay"
	"linlipay/payment/gateway/wechat"
	"linlipay/seal"
)

// No gateway follows a redirect, and in production none connects to this machine, whatever the account's address says.
func TestGatewaysGoNowhereElse(t *testing.T) {
	bank := t.TempDir()
	startBank(t, bank)
	var elsewhere, asked atomic.Int32
	other := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { elsewhere.Add(1) }))
	defer other.Close()
	first := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked.Add(1)
		http.Redirect(w, r, other.URL+r.URL.Path, http.StatusTemporaryRedirect)
	}))
	defer first.Close()
	for reach, want := range map[host.Reach]bool{host.PublicOrLoopback: true, host.OnlyPublic: false} {
		over := host.NewTransport(reach)
		for _, g := range []gateway.Gateway{
			wechat.New(over, time.Second, time.Now), alipay.New(over, time.Second),
			lakala.New(over, time.Second, time.Now),
			shengpay.New(over, time.Second, time.Now), ruiyinxin.New(over, time.Second, time.Now),
		} {
			acc := gateway.Account{ID: "x", Version: 1, Company: "c", Institution: g.Institution(),
				Settings: credentialsOf(t, bank, string(g.Institution()))}
			acc.Settings["base_url"] = first.URL
			if g.Institution() == gateway.Alipay {
				acc.Settings["base_url"] += "/gateway.do"
			}
			asked.Store(0)
			_, err := g.Query(t.Context(), acc, gateway.Trade{
				OutTradeNo: "NONE0000000000000001", Wallet: gateway.WalletWeChat, Method: gateway.Native,
				CreatedAt: time.Now(),
			})
			if err == nil || (asked.Load() > 0) != want || elsewhere.Load() != 0 {
				t.Errorf("%s, reach %d: asked %d times, and elsewhere %d: %v", g.Institution(), reach, asked.Load(),
					elsewhere.Load(), err)
			}
		}
		over.CloseIdleConnections()
	}
}

// Every institution's accounts may be at its own hosts alone: each has an address, all its addresses have hosts, and
// its default is among them.
func TestEveryAddressHasHosts(t *testing.T) {
	for _, g := range []gateway.Gateway{wechat.New(nil, 0, nil), alipay.New(nil, 0), lakala.New(nil, 0, nil),
		shengpay.New(nil, 0, nil), ruiyinxin.New(nil, 0, nil)} {
		addresses := 0
		for _, s := range g.(gateway.Described).Settings() {
			if strings.HasPrefix(s.Default, "http") != (len(s.Hosts) > 0) || strings.HasSuffix(s.Name, "_url") &&
				len(s.Hosts) == 0 {
				t.Errorf("%s: %s has default %q and hosts %v", g.Institution(), s.Name, s.Default, s.Hosts)
			}
			if len(s.Hosts) == 0 {
				continue
			}
			addresses++
			u, place, err := host.ParseAddress(s.Default)
			if err != nil || place != host.Public || !strings.Contains(" "+strings.Join(s.Hosts, " ")+" ",
				" "+u.Host+" ") {
				t.Errorf("%s: the default of %s is not among its hosts: %v", g.Institution(), s.Name, err)
			}
			for _, h := range s.Hosts {
				if _, place, err := host.ParseAddress("https://" + h); err != nil || place != host.Public {
					t.Errorf("%s: %s is no public host", g.Institution(), h)
				}
			}
		}
		if addresses == 0 {
			t.Errorf("%s has no address", g.Institution())
		}
	}
}

// Hosts are added by whoever runs the machine, in the environment.
func TestInstitutionHostsAreASetting(t *testing.T) {
	cfg := Config{SecretKey: seal.NewKey(), BaseURL: "https://pay.example.com", Listen: "127.0.0.1:0",
		DeskLifetime: time.Minute, PhoneLifetime: time.Minute}
	for hosts, good := range map[string]bool{"": true, "lakala=gw.example.com": true, "lakala=127.0.0.1": false,
		"gw.example.com": false} {
		cfg.InstitutionHosts = hosts
		if err := cfg.Validate(); (err == nil) != good || err != nil && !strings.Contains(err.Error(),
			"LINLIPAY_INSTITUTION_HOSTS") {
			t.Errorf("%q: %v", hosts, err)
		}
	}
}

// The shell says what to do where nobody could ask for a change, or nobody else approve it.
func TestWhoCouldApproveIsTold(t *testing.T) {
	cfg := Config{
		Store: "sqlite:" + t.TempDir(), BaseURL: "https://pay.example.com", Listen: "127.0.0.1:0",
		SecretKey: seal.NewKey(), LogLevel: "error",
		DeskLifetime: time.Minute, PhoneLifetime: time.Minute,
	}
	a, err := prepare(t.Context(), cfg, t.Output())
	if err != nil {
		t.Fatal(err)
	}
	defer a.Close()
	for _, step := range []struct {
		login       string
		role        access.Role
		communities []string
		want        string
	}{
		{"", "", nil, "operations"}, {"fin", access.Finance, nil, "--roles operations"}, {"part", access.Operations,
			[]string{"m"}, "--roles operations"},
		{"ops", access.Operations, nil, ""},
	} {
		if step.login != "" {
			m := access.Staff{Login: step.login, Name: step.login, Company: "c", Roles: []access.Role{step.role},
				Communities: step.communities}
			if err := a.Access.AddStaff(t.Context(), m, "a-long-password-of-"+step.login); err != nil {
				t.Fatal(err)
			}
		}
		lack, err := a.lacksApprovers(t.Context(), "c")
		if err != nil || (lack == "") != (step.want == "") || !strings.Contains(lack, step.want) {
			t.Errorf("after %q: %q, %v", step.login, lack, err)
		}
	}
	m := access.Staff{Login: "alone", Name: "alone", Company: "d", Roles: []access.Role{access.Operations}}
	if err := a.Access.AddStaff(t.Context(), m, "a-long-password-of-alone"); err != nil {
		t.Fatal(err)
	}
	if lack, err := a.lacksApprovers(t.Context(), "d"); err != nil || !strings.Contains(lack,
		"Nobody else may approve") {
		t.Errorf("one person alone: %q, %v", lack, err)
	}
}
