package app

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"linlipay/payment/gateway"
	"linlipay/seal"
)

// An account that cannot be used keeps the server from starting, in a sentence that says what to do, until it is
// disabled or stored again from the shell.
func TestABrokenAccountStopsTheStartWhileItIsEnabled(t *testing.T) {
	bank := t.TempDir()
	startBank(t, bank)
	good := credentialsOf(t, bank, "alipay")
	delete(good, "base_url") // in production the institution's own
	key := seal.NewKey()
	for name, c := range map[string]struct{ setting, value, why string }{
		"incomplete":     {"app_id", "", "app_id"},
		"malformed":      {"private_key_pem", "x", "private_key_pem"},
		"of the sandbox": {"base_url", "http://127.0.0.1:1/gateway.do", "in production"},
	} {
		t.Run(name, func(t *testing.T) {
			cfg := Config{Store: "sqlite:" + t.TempDir(), Listen: "127.0.0.1:0", BaseURL: "https://pay.example.com",
				SecretKey: key, LogLevel: "warn", DeskLifetime: time.Minute, PhoneLifetime: time.Minute}
			for name, value := range map[string]string{
				"LINLIPAY_STORE": cfg.Store, "LINLIPAY_SECRET_KEY": key, "LINLIPAY_SANDBOX": "false",
				"LINLIPAY_LISTEN": cfg.Listen, "LINLIPAY_BASE_URL": cfg.BaseURL,
			} {
				t.Setenv(name, value)
			}
			shell := func(args ...string) (int, string) {
				var stdout, stderr bytes.Buffer
				return Main(t.Context(), append([]string{"account", "x", "--company", "c"}, args...), &stdout, &stderr),
					stderr.String()
			}
			a, err := prepare(t.Context(), cfg, io.Discard)
			if err != nil {
				t.Fatal(err)
			}
			settings := maps.Clone(good)
			settings[c.setting] = c.value
			if err := errors.Join(
				a.Accounts.Put(t.Context(), gateway.Account{ID: "x", Company: "c", Institution: gateway.Alipay,
					Settings: settings}, time.Now()), a.Close()); err != nil {
				t.Fatal(err)
			}
			starts := func() (log string, err error) {
				var out bytes.Buffer
				a, err := New(t.Context(), cfg, &out)
				if err == nil {
					err = a.Close()
				}
				return out.String(), err
			}
			if _, err := starts(); err == nil || !strings.Contains(err.Error(), c.why) ||
				!strings.Contains(err.Error(), "linlipay account x --company c --disable") ||
				strings.Contains(err.Error(), "\n") {
				t.Errorf("enabled: %v", err)
			}
			if code, out := shell("--disable"); code != 0 {
				t.Errorf("it cannot be disabled: %s", out)
			}
			if log, err := starts(); err != nil || !strings.Contains(log, "account=x") {
				t.Errorf("disabled: %v, log %q", err, log)
			}
			if code, out := shell("--enable"); code != 1 || !strings.Contains(out, c.why) {
				t.Errorf("it was enabled as it is: %d %s", code, out)
			}
			text, err := json.Marshal(good)
			if err != nil {
				t.Fatal(err)
			}
			file := filepath.Join(t.TempDir(), "settings.json")
			if err := os.WriteFile(file, text, 0o600); err != nil {
				t.Fatal(err)
			}
			for _, args := range [][]string{{file, "--institution", "alipay"}, {"--enable"}} {
				if code, out := shell(args...); code != 0 {
					t.Errorf("%v: %s", args, out)
				}
			}
			if log, err := starts(); err != nil || log != "" {
				t.Errorf("mended: %v, log %q", err, log)
			}
		})
	}
	for _, args := range [][]string{{"account", "x"}, {"account", "x", "file", "--disable"},
		{"account", "x", "--enable", "--disable"}} {
		if code := Main(t.Context(), args, io.Discard, io.Discard); code != 1 {
			t.Errorf("%v: %d", args, code)
		}
	}
}
