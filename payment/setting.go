package payment

import "linlipay/fault"

// Setting describes one of an account's settings: a form asks for it by this, and nothing else may be stored.
type Setting struct {
	Name     string // as in Account.Settings
	ZH, EN   string // what the institution's merchant platform calls it
	Secret   bool   // typed unseen
	PEM      bool   // a key or certificate, over several lines
	Roots    bool   // PEM: certificates of any kind, not of RSA keys only, such as an institution's roots
	Required bool
	Default  string // what leaving it empty means

	// Hosts makes the setting an address to which requests go, which may be at these hosts alone: the institution's, in
	// production and for tests. Where one is changed every secret must be entered again, so that no stored secret signs
	// for a new address.
	Hosts []string

	// While a key is being replaced, the old one stays good: beside the new one, newest first, in a setting that may
	// hold Several; or in the setting that Previous names.
	Several  bool
	Previous string
}

// Described is implemented by gateways that can say what their accounts' settings are.
type Described interface {
	// Settings lists them in the order in which a person is asked.
	Settings() []Setting
}

// BadSetting is the Invalid fault of a setting that is missing or malformed; the sentences follow its name. Its value
// is nowhere in it: it may be a key that was pasted into the wrong field.
func BadSetting(name, zh, en string) error {
	return fault.New(fault.Invalid, name+" "+zh, name+" "+en).With("field", name)
}

// NeedSettings is the fault of the first setting named that is missing, or nil.
func NeedSettings(settings map[string]string, names ...string) error {
	for _, name := range names {
		if settings[name] == "" {
			return BadSetting(name, "未填写。", "is missing.")
		}
	}
	return nil
}

// PrivateKeyIn reads the setting that holds the merchant's own private key.
func PrivateKeyIn(settings map[string]string, name string) (Key, error) {
	some, err := ReadKeys(settings[name])
	if err != nil || len(some) != 1 || some[0].Kind != PrivateKey {
		return Key{}, BadSetting(name, "须为一个 RSA 私钥（PEM 或 Base64）。", "must be one RSA private key (PEM or base64).")
	}
	return some[0], nil
}

// PublicKeysIn reads the setting that holds the institution's public keys or certificates: at least one, the newest
// first.
func PublicKeysIn(settings map[string]string, name string) ([]Key, error) {
	some, err := ReadKeys(settings[name])
	bad := err != nil || len(some) == 0
	for _, k := range some {
		bad = bad || k.Kind == PrivateKey
	}
	if bad {
		return nil, BadSetting(name, "须为 RSA 公钥或证书（PEM），可有多个，新的在前。",
			"must be RSA public keys or certificates (PEM), the newest first.")
	}
	return some, nil
}
