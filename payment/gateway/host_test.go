package gateway

import "testing"

func TestParseHosts(t *testing.T) {
	hosts, err := ParseHosts("lakala=gw.example.com, shengpay=pay.example.com:8443,lakala=other.example.com")
	if err != nil || len(hosts[Lakala]) != 2 || hosts[Shengpay][0] != "pay.example.com:8443" {
		t.Errorf("%v, %v", hosts, err)
	}
	if none, err := ParseHosts(""); err != nil || len(none) != 0 {
		t.Errorf("%v, %v", none, err)
	}
	for _, bad := range []string{"gw.example.com", "bank=gw.example.com", "cash=gw.example.com", "lakala=",
		"lakala=127.0.0.1", "lakala=localhost", "lakala=10.1.2.3", "lakala=https://x.example", "lakala=x.example/p",
		"lakala=a@x.example"} {
		if hosts, err := ParseHosts(bad); err == nil {
			t.Errorf("%q is taken as %v", bad, hosts)
		}
	}
}
