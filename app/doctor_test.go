package app

import (
	"bytes"
	"encoding/json"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"linlipay/seal"
)

// doctor runs `linlipay doctor` with an environment.
func doctorSays(t *testing.T, env ...string) (code int, out string) {
	t.Helper()
	for _, e := range env {
		name, value, _ := strings.Cut(e, "=")
		t.Setenv(name, value)
	}
	var stdout, stderr bytes.Buffer
	code = Main(t.Context(), []string{"doctor"}, &stdout, &stderr)
	t.Log(stdout.String())
	return code, stdout.String() + stderr.String()
}

// credentialsOf are what the sandbox in a directory gives for an account at one of its institutions.
func credentialsOf(t *testing.T, dir, institution string) map[string]string {
	t.Helper()
	raw, err := os.ReadFile(filepath.Join(dir, "credentials.json"))
	if err != nil {
		t.Fatal(err)
	}
	var credentials map[string]json.RawMessage
	if err := json.Unmarshal(raw, &credentials); err != nil {
		t.Fatal(err)
	}
	var settings map[string]string
	if err := json.Unmarshal(credentials[institution], &settings); err != nil {
		t.Fatal(err)
	}
	return settings
}

// A good account passes from the shell, and one with a wrong key is found by the check that is about it; no secret is
// printed.
func TestDoctor(t *testing.T) {
	bank := t.TempDir()
	startBank(t, bank)
	settings := credentialsOf(t, bank, "wechat")
	listen := port(t)
	env := []string{
		"LINLIPAY_STORE=sqlite:" + t.TempDir(), "LINLIPAY_LISTEN=" + listen, "LINLIPAY_BASE_URL=http://" + listen,
		"LINLIPAY_SECRET_KEY=" + seal.NewKey(), "LINLIPAY_SANDBOX=true",
	}
	if code, out := doctorSays(t, env...); code != 1 ||
		!strings.Contains(out, "There is no database in the directory") {
		t.Errorf("before the first start: %d %s", code, out)
	}
	made, err := openStore(t.Context(), strings.TrimPrefix(env[0], "LINLIPAY_STORE="), false,
		slog.New(slog.DiscardHandler))
	if err == nil {
		err = made.Close()
	}
	if err != nil {
		t.Fatal(err)
	}
	if code, out := doctorSays(t, env...); code != 0 || !strings.Contains(out, "none is set up") {
		t.Errorf("without an account: %d %s", code, out)
	}
	store := func(id string, serial string) {
		t.Helper()
		settings["serial_no"] = serial
		text, err := json.Marshal(settings)
		if err != nil {
			t.Fatal(err)
		}
		file := filepath.Join(t.TempDir(), "settings.json")
		if err := os.WriteFile(file, text, 0o600); err != nil {
			t.Fatal(err)
		}
		if code := Main(t.Context(), []string{"account", id, file, "--institution", "wechat"}, &bytes.Buffer{},
			os.Stderr); code != 0 {
			t.Fatal("the account was not stored")
		}
	}
	store("good", settings["serial_no"])
	code, out := doctorSays(t, env...)
	if code != 0 || strings.Count(out, "正常 ok") != 8 || strings.Contains(out, "FAIL") {
		t.Errorf("a good account: %d %s", code, out)
	}
	store("bad", "5F")
	code, out = doctorSays(t, env...)
	if code != 1 || strings.Count(out, "FAIL") != 1 || !strings.Contains(out, "SIGN_ERROR") ||
		!strings.Contains(out, "(1 checks failed)") {
		t.Errorf("a bad account: %d %s", code, out)
	}
	if code := Main(t.Context(), []string{"account", "bad", "--disable"}, &bytes.Buffer{}, os.Stderr); code != 0 {
		t.Fatal("the account was not disabled")
	}
	if code, out := doctorSays(t, env...); code != 0 || strings.Contains(out, "FAIL") ||
		!strings.Contains(out, "SIGN_ERROR") || !strings.Contains(out, "已停用 disabled") {
		t.Errorf("a bad account that is disabled: %d %s", code, out)
	}
	for _, name := range []string{"private_key_pem", "apiv3_key", "app_secret"} {
		for _, line := range strings.Split(settings[name], "\n") {
			if len(line) > 16 && !strings.HasPrefix(line, "-----") && strings.Contains(out, line) {
				t.Errorf("%s is printed", name)
			}
		}
	}
	if code, out := doctorSays(t, "LINLIPAY_SECRET_KEY="+seal.NewKey()); code != 1 ||
		!strings.Contains(out, "The store is sealed under key") {
		t.Errorf("with another key: %d %s", code, out)
	}
	if code, out := doctorSays(t, "LINLIPAY_BASE_URL="); code != 1 ||
		!strings.Contains(out, "LINLIPAY_BASE_URL is missing") {
		t.Errorf("without an address: %d %s", code, out)
	}
}
