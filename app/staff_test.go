package app

import (
	"bytes"
	"crypto/ed25519"
	"io"
	"strings"
	"testing"
	"time"

	"linlipay/access"
	"linlipay/fault"
	"linlipay/seal"
)

// Staff and terminals are looked after from the shell, which counts as two people.
func TestStaffAndTerminalsFromTheShell(t *testing.T) {
	cfg := Config{
		Store: "sqlite:" + t.TempDir(), Listen: "127.0.0.1:0", BaseURL: "https://pay.example.com",
		SecretKey: seal.NewKey(), LogLevel: "warn",
		DeskLifetime: time.Minute, PhoneLifetime: time.Minute,
	}
	for name, value := range map[string]string{
		"LINLIPAY_STORE": cfg.Store, "LINLIPAY_SECRET_KEY": cfg.SecretKey, "LINLIPAY_SANDBOX": "false",
		"LINLIPAY_LISTEN": cfg.Listen, "LINLIPAY_BASE_URL": cfg.BaseURL,
	} {
		t.Setenv(name, value)
	}
	var a *App
	start := func() {
		t.Helper()
		var err error
		if a, err = prepare(t.Context(), cfg, io.Discard); err != nil {
			t.Fatal(err)
		}
	}
	stop := func() {
		t.Helper()
		if err := a.Close(); err != nil {
			t.Error(err)
		}
	}
	start()
	defer func() { stop() }()
	shell := func(args ...string) string { // an embedded store is one process's at a time
		t.Helper()
		stop()
		defer start()
		var stdout, stderr bytes.Buffer
		if code := Main(t.Context(), append(args, "--company", "c"), &stdout, &stderr); code != 0 {
			t.Fatalf("%v: %d %s", args, code, stderr.String())
		}
		return stdout.String()
	}
	const password = "a garden of seven plums"
	if err := a.Access.AddStaff(t.Context(),
		access.Staff{Login: "li", Name: "李", Company: "c", Roles: []access.Role{access.Cashier}},
		password); err != nil {
		t.Fatal(err)
	}
	enter := func(password string) (access.Tokens, access.Caller) {
		t.Helper()
		m, err := a.Access.Login(t.Context(), "li", password, "127.0.0.1")
		if err != nil {
			t.Fatal(err)
		}
		tokens, err := a.Access.Open(t.Context(), m.Caller(), access.Origin{Agent: "a browser"})
		if err != nil {
			t.Fatal(err)
		}
		return tokens, m.Caller()
	}
	tokens, _ := enter(password)
	shell("staff", "roles", "li", "cashier", "finance")
	shell("staff", "scope", "li", "north", "south")
	tokens, c, err := a.Access.Refresh(t.Context(), tokens.Refresh)
	if err != nil || len(c.Roles) != 2 || len(c.Communities) != 2 {
		t.Fatalf("%+v, %v", c, err)
	}
	if said := shell("staff", "list"); !strings.Contains(said, "cashier,finance") ||
		!strings.Contains(said, "north,south") {
		t.Errorf("list: %s", said)
	}
	if said := shell("staff", "sessions", "li"); !strings.Contains(said, "a browser") {
		t.Errorf("sessions: %s", said)
	}
	out := func(what string) {
		t.Helper()
		if _, _, err := a.Access.Refresh(t.Context(), tokens.Refresh); !fault.Is(err, fault.Unauthenticated) {
			t.Errorf("%s: %v", what, err)
		}
	}
	shell("staff", "end", "li")
	out("ended")
	tokens, _ = enter(password)
	id, _, _ := strings.Cut(tokens.Refresh, ".")
	shell("staff", "end", "li", id)
	out("one ended")
	tokens, _ = enter(password)
	shell("staff", "disable", "li")
	out("disabled")
	shell("staff", "enable", "li")
	tokens, _ = enter(password)
	said := shell("staff", "reset", "li")
	out("reset")
	if _, c := enter(linksIn(t, said)["li"]); !c.MustChange || !strings.Contains(said, ": "+linksIn(t, said)["li"]) {
		t.Error("a one-time password need not be changed")
	}

	code, _, err := a.Terminals.NewPairing(t.Context(), "c", "north", "前台", "li")
	if err != nil {
		t.Fatal(err)
	}
	screen, err := a.Terminals.Pair(t.Context(), code, make([]byte, ed25519.PublicKeySize))
	if err != nil {
		t.Fatal(err)
	}
	if said := shell("terminal", "list"); !strings.Contains(said, screen.ID) {
		t.Errorf("terminals: %s", said)
	}
	shell("terminal", "unpair", screen.ID)
	if paired, err := a.Terminals.Paired(t.Context(), screen.ID); paired || err != nil {
		t.Error(paired, err)
	}

	stop()
	defer start()
	var stderr bytes.Buffer
	for _, wrong := range [][]string{
		{"staff", "disable", "nobody"}, {"staff", "roles", "li", "owner"},
		{"staff", "disable", "li", "--company", "other"},
		{"terminal", "unpair", screen.ID, "--company", "other"}, {"terminal", "unpair", "none"},
	} {
		if Main(t.Context(), wrong, io.Discard, &stderr) == 0 {
			t.Errorf("taken: %v", wrong)
		}
	}
}
