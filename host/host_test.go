package host

import (
	"context"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"testing"
)

// Which addresses may be an institution's: each line is one spelling and where it leads; "" is refused outright. Add
// a line for a new trick.
func TestAddressesHoweverTheyAreSpelt(t *testing.T) {
	places := map[string]string{}
	for address, want := range map[string]string{
		"https://api.mch.weixin.qq.com": "public", "https://test.wsmsd.cn/sit": "public",
		"https://203.0.113.5:8443/x": "public", "https://[2001:db8::1]": "public",
		"https://127.0.0.1": "loopback", "https://localhost": "loopback", "https://LOCALHOST": "loopback",
		"https://a.localhost": "loopback", "https://127.8.9.1": "loopback",
		"https://[::1]": "loopback", "https://[::ffff:127.0.0.1]": "loopback", "https://[::ffff:7f00:1]": "loopback",
		"https://[64:ff9b::7f00:1]": "loopback",
		"https://10.0.0.7":          "nearby", "https://172.16.3.4": "nearby", "https://192.168.1.1": "nearby",
		"https://169.254.169.254": "nearby", "https://100.64.0.1": "nearby",
		"https://[fd00::1]": "nearby", "https://[fe80::1]": "nearby", "https://[fec0::1]": "nearby",
		"https://[::ffff:10.0.0.1]": "nearby", "https://198.18.0.1": "nearby",
		"https://[64:ff9b::a00:1]": "nearby", "https://[64:ff9b:1::1]": "nearby", "https://box": "nearby",
		"https://box.local": "nearby", "https://x.internal": "nearby",
		"https://box.home.arpa": "nearby", "https://BOX.HOME.ARPA": "nearby",

		"https://0.0.0.0": "", "https://0.1.2.3": "", "https://[::]": "", "https://[::127.0.0.1]": "",
		"https://224.0.0.1": "", "https://[ff02::1]": "", "https://255.255.255.255": "", "https://240.0.0.1": "",
		"https://[2002:7f00:1::]": "", "https://[2001:0:7f00::1]": "", "https://[fe80::1%25eth0]": "",
		"https://192.0.0.8": "",
		"https://127.1":     "", "https://2130706433": "", "https://0x7f000001": "", "https://0x7f.0.0.1": "",
		"https://0177.0.0.1": "", "https://017700000001": "", "https://127.0.0.1.": "",
		"https://localhost.": "", "https://api.mch.weixin.qq.com.": "", "https://①②⑦.0.0.1": "",
		"https://ⓛocalhost":                          "",
		"https://127。0。0。1":                          "",
		"https://api.mch.weixin.qq.com@evil.example": "", "https://api.mch.weixin.qq.com:x@evil.example": "",
		"https://evil.example#@api.mch.weixin.qq.com": "", "https://api.mch.weixin.qq.com?x": "",
		"https://evil.example\\@api.mch.weixin.qq.com": "", "https:evil.example": "", "https:///evil.example": "",
		"//evil.example": "", "evil.example": "", "ftp://evil.example": "", "": "",
		"https://api.mch.weixin.qq.com:0": "", "https://api.mch.weixin.qq.com:": "",
		"https://api.mch.weixin.qq.com:99999": "", "https://evil example": "", "https://%65vil.example": "",
		"https://a_b.example": "",
	} {
		_, place, err := ParseAddress(address)
		got := map[Place]string{Public: "public", Loopback: "loopback", Nearby: "nearby"}[place]
		if err != nil {
			got = ""
		}
		if got != want {
			t.Errorf("%q leads to %q, not %q (%v)", address, got, want, err)
		}
		places[got] = address
	}
	if len(places) != 4 {
		t.Errorf("only %v were met", places)
	}
}

// What a name resolves to is judged when it is connected to: each line is an address, and which reaches connect to
// it.
func TestReach(t *testing.T) {
	for address, want := range map[string]string{
		"8.8.8.8:443": "public trial anywhere", "[2400:3200::1]:443": "public trial anywhere",
		"[64:ff9b::808:808]:443": "public trial anywhere",
		"127.0.0.1:443":          "trial anywhere", "[::1]:443": "trial anywhere",
		"[::ffff:127.0.0.1]:443": "trial anywhere",
		"[64:ff9b::7f00:1]:443":  "trial anywhere",
		"10.0.0.1:443":           "anywhere", "169.254.169.254:80": "anywhere", "192.168.0.1:443": "anywhere",
		"100.100.100.200:80": "anywhere", "[fd00::1]:443": "anywhere", "[fe80::1%eth0]:443": "anywhere",
		"0.0.0.0:443": "anywhere", "[::]:443": "anywhere", "224.0.0.1:443": "anywhere",
		"[::ffff:0.0.0.0]:443": "anywhere", "": "anywhere",
	} {
		got := ""
		for _, r := range []struct {
			name  string
			reach Reach
		}{{"public", OnlyPublic}, {"trial", PublicOrLoopback}, {"anywhere", Anywhere}} {
			if r.reach.Control("tcp", address, nil) == nil {
				got += " " + r.name
			}
		}
		if got = strings.TrimSpace(got); got != want {
			t.Errorf("%q is connected to by %q, not %q", address, got, want)
		}
	}
}

// A public name that resolves to this machine is not connected to, and a connection that was refused sent nothing.
func TestANameThatResolvesToThisMachine(t *testing.T) {
	asked := 0
	server := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { asked++ }))
	defer server.Close()
	at := netip.MustParseAddrPort(server.Listener.Addr().String())
	for reach, want := range map[Reach]int{OnlyPublic: 0, PublicOrLoopback: 1, Anywhere: 1} {
		transport := NewTransport(reach)
		dial := transport.DialContext
		transport.DialContext = func(ctx context.Context, network, address string) (net.Conn, error) {
			if address != "rebound.example.com:80" {
				t.Errorf("asked to connect to %s", address)
			}
			return dial(ctx, network, at.String()) // what a resolver would say the second time
		}
		asked = 0
		resp, err := (&http.Client{Transport: transport}).Get("http://rebound.example.com/")
		if err == nil {
			resp.Body.Close()
		}
		if asked != want || (err == nil) != (want == 1) {
			t.Errorf("reach %d: asked %d times, want %d: %v", reach, asked, want, err)
		}
		transport.CloseIdleConnections()
	}
}
