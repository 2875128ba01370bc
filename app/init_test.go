package app

import (
	"bytes"
	"net/url"
	"strings"
	"testing"
	"time"

	"linlipay/fault"
	"linlipay/seal"
)

// A company is founded from the shell with two administrators, who come in by links and can do everything from there.
func TestACompanyIsFounded(t *testing.T) {
	cfg := Config{Store: "sqlite:" + t.TempDir(), Listen: "127.0.0.1:0", BaseURL: "https://pay.example.com",
		SecretKey: seal.NewKey(), LogLevel: "warn", DeskLifetime: time.Minute, PhoneLifetime: time.Minute}
	for name, value := range map[string]string{
		"LINLIPAY_STORE": cfg.Store, "LINLIPAY_SECRET_KEY": cfg.SecretKey, "LINLIPAY_SANDBOX": "false",
		"LINLIPAY_LISTEN": cfg.Listen, "LINLIPAY_BASE_URL": cfg.BaseURL,
	} {
		t.Setenv(name, value)
	}
	shell := func(args ...string) (said, wrong string) {
		t.Helper()
		var stdout, stderr bytes.Buffer
		if Main(t.Context(), args, &stdout, &stderr) != 0 && stderr.Len() == 0 {
			t.Fatal("nothing is said")
		}
		return stdout.String(), stderr.String()
	}
	wang, li := "--admin=wangmin=王敏", "--admin=liqiang=李强"
	for _, bad := range [][]string{
		{wang, li},            // no name
		{"--name=锦绣物业", wang}, // nobody to approve
		{"--name=锦绣物业", wang, "--admin=wangmin=李强"},  // one person twice
		{"--name=锦绣物业", wang, "--admin=liqiang"},     // nobody's name
		{"--name=锦绣物业", wang, "--admin=li qiang=李强"}, // no login
		{"--name=锦绣物业", wang, "--admin=WangMin=王敏"},  // one login twice
		{"--name=锦绣物业", wang, li, "--company=../main"},
	} {
		if said, wrong := shell(append([]string{"init"}, bad...)...); wrong == "" || said != "" {
			t.Errorf("%q: %s", bad, said)
		}
	}
	first, wrong := shell("init", "--name=锦绣物业", wang, li)
	if wrong != "" {
		t.Fatal(wrong)
	}
	mistyped, wrong := shell("init", "--name=锦绣物业", wang, "--admin=liqaing=李强")
	if wrong != "" {
		t.Fatal(wrong)
	}
	again, wrong := shell("init", "--name=锦绣物业", wang, li) // a link was lost before anybody came in
	if wrong != "" {
		t.Fatal(wrong)
	}
	links := linksIn(t, again)
	if len(links) != 2 || links["wangmin"] == linksIn(t, first)["wangmin"] {
		t.Fatalf("%q, then %q", first, again)
	}
	enters(t, cfg, linksIn(t, first)["wangmin"], links["wangmin"], linksIn(t, mistyped)["liqaing"])
	if said, wrong := shell("init", "--name=锦绣物业", wang, li); !strings.Contains(wrong, "staff reset") || said != "" {
		t.Errorf("a company that people work in is founded again: %s%s", said, wrong)
	}
	if said, _ := shell("staff", "reset", "liqiang"); linksIn(t, said)["liqiang"] == links["liqiang"] {
		t.Errorf("no new link: %s", said)
	}
	if _, wrong := shell("init", "--company=other", "--name=桂苑物业", "--admin=wangmin=王芳", li); !strings.Contains(wrong,
		"wangmin") {
		t.Errorf("a login of another company's is given away: %s", wrong)
	}
	t.Setenv("LINLIPAY_BASE_URL", "")
	if _, wrong := shell("init", "--company=third", "--name=桂苑物业", "--admin=a1=甲", "--admin=b2=乙"); !strings.Contains(
		wrong, "LINLIPAY_BASE_URL") {
		t.Errorf("links lead nowhere: %s", wrong)
	}
}

// linksIn are the one-time codes of the links in what a command said, by login.
func linksIn(t *testing.T, said string) map[string]string {
	t.Helper()
	codes := map[string]string{}
	for _, word := range strings.Fields(said) {
		if query, ok := strings.CutPrefix(word, "https://pay.example.com/console#/welcome?"); ok {
			values, err := url.ParseQuery(query)
			if err != nil {
				t.Fatal(err)
			}
			codes[values.Get("login")] = values.Get("code")
		}
	}
	return codes
}

// enters has 王敏 come in by her newest code alone, and choose her own password.
func enters(t *testing.T, cfg Config, old, code, mistyped string) {
	t.Helper()
	a, err := prepare(t.Context(), cfg, t.Output())
	if err != nil {
		t.Fatal(err)
	}
	defer a.Close()
	if _, err := a.Access.Login(t.Context(), "wangmin", old, "127.0.0.1"); !fault.Is(err, fault.Unauthenticated) {
		t.Errorf("a link that was replaced lets in: %v", err)
	}
	if _, err := a.Access.Login(t.Context(), "liqaing", mistyped, "127.0.0.2"); !fault.Is(err, fault.Unauthenticated) {
		t.Errorf("a login that was mistyped lets in: %v", err)
	}
	m, err := a.Access.Login(t.Context(), "wangmin", code, "127.0.0.1")
	if err != nil {
		t.Fatal(err)
	}
	c := m.Caller()
	if !c.MustChange || !c.WholeCompany() || len(c.Roles) != 2 {
		t.Errorf("%+v", c)
	}
	if err := a.Access.ChangePassword(t.Context(), c, code, "a garden of seven plums", "127.0.0.1"); err != nil {
		t.Fatal(err)
	}
	if lack, err := a.lacksApprovers(t.Context(), "main"); lack != "" || err != nil {
		t.Errorf("%s %v", lack, err)
	}
	if o, err := a.Access.Organisation(t.Context(), "main"); err != nil || o.Entities[0].Name != "锦绣物业" {
		t.Errorf("%+v, %v", o, err)
	}
}
