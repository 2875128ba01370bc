package app

import (
	"strings"
	"testing"
	"time"
)

// Where payers and institutions may reach us: in production, in a trial. A line is an address.
func TestWhichAddressesMayBeOurs(t *testing.T) {
	for address, want := range map[string]string{ // in which configurations it is taken
		"https://pay.example.com": "earnest", "https://pay.example.com:8443": "earnest",
		"https://PAY.example.com": "earnest", "https://203.0.113.5": "earnest",
		"https://[2001:db8::1]:8443": "earnest", "https://xn--fiqs8s.cn": "earnest", "https://1and1.example": "earnest",
		"http://127.0.0.1:8080": "trial", "https://127.0.0.1:8443": "trial", "http://localhost:8080": "trial",
		"http://LOCALHOST": "trial", "http://[::1]:8080": "trial",
		"http://192.168.1.10:8080": "trial", "https://10.0.0.7": "trial", "http://172.16.0.9": "trial",
		"http://[fd00::1]": "trial", "http://169.254.1.1": "trial", "http://box.local": "trial",
		"http://pay.test": "trial", "http://box": "trial", "http://a.localhost": "trial",
		"http://[::ffff:127.0.0.1]": "trial", "http://100.64.0.1": "trial",

		"": "", "pay.example.com": "", "http://pay.example.com": "", "ftp://pay.example.com": "", "https://": "",
		"https:///x": "", "https:pay.example.com": "",
		"https://pay.example.com/": "", "https://pay.example.com/pay": "", "https://pay.example.com?x": "",
		"https://pay.example.com?": "", "https://pay.example.com#x": "",
		"https://pay.example.com#": "", "https://u:p@pay.example.com": "", "https://u@pay.example.com": "",
		"https://@pay.example.com":      "",
		"https://pay.example.com:99999": "", "https://pay.example.com:0": "", "https://pay.example.com:": "",
		"https://pay.example.com:-1": "", "https://pay.example.com:080": "", "https://pay.example.com:x": "",
		"https://127.1": "", "https://127.0.1": "", "https://2130706433": "", "https://0x7f000001": "",
		"https://0x7f.1": "", "https://0177.0.0.1": "", "https://127.0.0.1.": "", "https://1.2.3.4.5": "",
		"https://localhost.": "", "https://pay.example.com.": "", "https://pay..example.com": "",
		"https://-pay.example.com": "", "https://pay_1.example.com": "", "https://pay.example.com\\x": "",
		"https://0.0.0.0": "", "https://[::]": "", "https://[fe80::1%25eth0]": "", "https://224.0.0.1": "",
		"https://邻里.cn": "", "https://pay example.com": "", " https://pay.example.com": "",
		"https://pay.example.com ": "",
		"HTTPS://pay.example.com":  "",
	} {
		var taken []string
		for _, trial := range []bool{false, true} {
			c := Config{SecretKey: "x", BaseURL: address, Listen: "127.0.0.1:8080", Sandbox: trial,
				DeskLifetime: 5 * time.Minute, PhoneLifetime: 15 * time.Minute}
			err := c.Validate()
			if err == nil {
				taken = append(taken, map[bool]string{false: "earnest", true: "trial"}[trial])
			} else if !strings.Contains(err.Error(), "LINLIPAY_BASE_URL") || strings.Contains(err.Error(), "\n") {
				t.Errorf("%q: %v", address, err)
			}
		}
		if got := strings.Join(taken, " "); got != want {
			t.Errorf("%q is taken in %q, want %q", address, got, want)
		}
	}
}
