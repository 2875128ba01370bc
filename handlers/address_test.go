package handlers

import (
	"fmt"
	"go/ast"
	"go/token"
	"net/netip"
	"slices"
	"testing"
	"time"
)

// Where a request comes from, by who is connected and what X-Forwarded-For says. Each line is a case.
func TestTheClientIsTheRightMostAddressThatIsNoProxy(t *testing.T) {
	proxies, err := ParseProxies("127.0.0.1, ::1,10.0.0.0/8 2001:db8:1::/48")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		peer      string
		forwarded []string
		want      string
	}{
		{"203.0.113.5", nil, "203.0.113.5"},
		{"203.0.113.5", []string{"198.51.100.1"}, "203.0.113.5"}, // not our proxy: its word is worth nothing
		{"127.0.0.1", nil, "127.0.0.1"},
		{"127.0.0.1", []string{""}, "127.0.0.1"},
		{"127.0.0.1", []string{"198.51.100.1"}, "198.51.100.1"},
		{"::ffff:127.0.0.1", []string{"198.51.100.1"}, "198.51.100.1"},
		{"::1", []string{"198.51.100.1"}, "198.51.100.1"},
		{"127.0.0.1", []string{"1.1.1.1, 198.51.100.1"}, "198.51.100.1"}, // the left was sent by the client
		{"127.0.0.1", []string{"127.0.0.1, 198.51.100.1"}, "198.51.100.1"},
		{"127.0.0.1", []string{"10.9.9.9, 198.51.100.1"}, "198.51.100.1"},
		{"127.0.0.1", []string{"1.1.1.1", "198.51.100.1"}, "198.51.100.1"}, // two fields are one list
		{"127.0.0.1", []string{"198.51.100.1", "10.0.0.7"}, "198.51.100.1"},
		{"127.0.0.1", []string{"1.1.1.1, 198.51.100.1, 10.0.0.7,10.0.0.8"}, "198.51.100.1"}, // two proxies of ours
		{"127.0.0.1", []string{"10.0.0.9, 10.0.0.8"}, "10.0.0.9"},                           // somebody within
		{"127.0.0.1", []string{"1.1.1.1, rubbish"}, "127.0.0.1"},
		{"127.0.0.1", []string{"1.1.1.1, unknown, 10.0.0.7"}, "10.0.0.7"},
		{"127.0.0.1", []string{"1.1.1.1,"}, "127.0.0.1"},
		{"127.0.0.1", []string{"198.51.100.1:51234"}, "198.51.100.1"},
		{"127.0.0.1", []string{"[2001:db8::1]:443"}, "2001:db8::1"},
		{"127.0.0.1", []string{"[2001:db8::1]"}, "2001:db8::1"},
		{"127.0.0.1", []string{"::ffff:198.51.100.1"}, "198.51.100.1"},
		{"127.0.0.1", []string{"198.51.100.1, 2001:db8:1::5"}, "198.51.100.1"},
		{"127.0.0.1", []string{"fe80::1%eth0"}, "fe80::1"},
	} {
		if got := proxies.client(plain(netip.MustParseAddr(c.peer)), c.forwarded); got.String() != c.want {
			t.Errorf("%s with %q is %s, want %s", c.peer, c.forwarded, got, c.want)
		}
	}
	if got := (Proxies(nil)).client(netip.MustParseAddr("127.0.0.1"),
		[]string{"1.1.1.1"}); got.String() != "127.0.0.1" {
		t.Errorf("without proxies the word of one is %s", got)
	}
	for _, wrong := range []string{"localhost", "10.0.0.0/33", "10.0.0.1-9", "*", "fe80::1%eth0"} {
		if _, err := ParseProxies(wrong); err == nil {
			t.Errorf("%q is taken for proxies", wrong)
		}
	}
}

// Behind a proxy each client has limits of its own, whatever it says of itself, and the institution is told the payer's
// address.
func TestBehindAProxyEachClientCountsForItself(t *testing.T) {
	f := serve(t)
	login := func(from string, in loginInput) int {
		status, _, _ := f.ask("POST", "/v1/members/sessions", "", in, "X-Forwarded-For", from)
		return status
	}
	refused := 0
	for i := range 60 {
		if login(fmt.Sprintf("203.0.113.%d, 198.51.100.66", i), loginInput{fmt.Sprint("guess", i), "wrong"}) == 429 {
			refused++
		}
	}
	if refused < 25 {
		t.Errorf("%d of 60 guesses from one address were refused", refused)
	}
	if status := login("198.51.100.7", loginInput{"aaacashier", "password-aaa"}); status != 200 {
		t.Errorf("another address meanwhile: %d", status)
	}
	for i, c := range []struct{ forwarded, want string }{
		{"1.1.1.1, 198.51.100.8", "198.51.100.8"}, {"2001:db8::9", "2001:db8::9"},
	} {
		status, _, _ := f.ask("POST", "/q/"+f.a.order.Token+"/pay", "", "wallet="+[]string{"wechat", "alipay"}[i],
			"Content-Type", "application/x-www-form-urlencoded",
			"User-Agent", phoneAgent, "X-Forwarded-For", c.forwarded)
		told, _ := f.payers.Load(fmt.Sprintf("%s%02d", f.a.order.ID, i+1))
		if status != 303 || told != c.want {
			t.Errorf("%d: the institution was told %v, want %s", status, told, c.want)
		}
	}
}

// The limits count a network of IPv6 as one, since each of its 2^64 addresses costs nothing.
func TestAHouseholdIsANetworkOfIPv6(t *testing.T) {
	for address, want := range map[string]string{
		"203.0.113.5": "203.0.113.5", "2001:db8:1:2:3:4:5:6": "2001:db8:1:2::/64",
		"2001:db8:1:2::1": "2001:db8:1:2::/64",
	} {
		if got := household(netip.MustParseAddr(address)); got != want {
			t.Errorf("%s counts as %s, want %s", address, got, want)
		}
	}
}

// Nobody asks fiber for the address: it knows no proxies.
func TestTheAddressIsFoundInOnePlace(t *testing.T) {
	each(t, func(set *token.FileSet, file *ast.File) {
		if name := set.Position(file.Pos()).Filename; name == "address.go" || name == "listener.go" {
			// who is connected
			return
		}
		ast.Inspect(file, func(n ast.Node) bool {
			call, ok := n.(*ast.CallExpr)
			if !ok {
				return true
			}
			if m, ok := call.Fun.(*ast.SelectorExpr); ok &&
				slices.Contains([]string{"IP", "IPs", "RemoteIP", "RemoteAddr"}, m.Sel.Name) {
				t.Errorf("%s: use addressOf", set.Position(call.Pos()))
			}
			return true
		})
	})
}

// An allowance comes back with time, and names beyond the bound push out those used longest ago.
func TestAllowances(t *testing.T) {
	now := time.Unix(0, 0)
	a := newAllowances(func() time.Time { return now })
	a.most = 2
	p := pace{2, time.Second}
	for i, c := range []struct {
		after, want time.Duration
		key         string
	}{
		{0, 0, "x"}, {0, 0, "x"}, {0, time.Second, "x"}, {0, time.Second, "x"}, {time.Second, 0, "x"},
		{0, time.Second, "x"},
		{0, 0, "y"}, {time.Hour, 0, "x"}, {0, 0, "x"}, {0, time.Second, "x"}, {0, 0, "z"}, {0, 0, "w"}, {0, 0, "x"},
	} {
		now = now.Add(c.after)
		if got := a.take(c.key, p); got != c.want {
			t.Errorf("step %d: wait %v, want %v", i, got, c.want)
		}
	}
	if len(a.byKey) != 2 {
		t.Errorf("%d keys are kept", len(a.byKey))
	}
}
