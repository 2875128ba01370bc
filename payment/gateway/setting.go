package gateway

import (
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"strings"
	"unicode"

	"linlipay/fault"
)

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

// NeedSettings is the fault of the first setting named that is missing, or nil. The fault is Invalid.
func NeedSettings(settings map[string]string, names ...string) error {
	for _, name := range names {
		if settings[name] == "" {
			return BadSetting(name, "未填写。", "is missing.")
		}
	}
	return nil
}

// PrivateKeyIn reads the setting that holds the merchant's own private key. One that is missing or no RSA key is
// Invalid.
func PrivateKeyIn(settings map[string]string, name string) (KeyInfo, error) {
	infos, err := ReadKeys(settings[name])
	if err != nil || len(infos) != 1 || infos[0].Kind != PrivateKey {
		return KeyInfo{}, BadSetting(name, "须为一个 RSA 私钥（PEM 或 Base64）。", "must be one RSA private key (PEM or base64).")
	}
	return infos[0], nil
}

// SigningKeyIn is the merchant's own private key, to sign with. One that is missing or no RSA key is Invalid.
func SigningKeyIn(settings map[string]string, name string) (*rsa.PrivateKey, error) {
	if _, err := PrivateKeyIn(settings, name); err != nil {
		return nil, err
	}
	blocks, err := blocksOf(settings[name])
	if err != nil {
		return nil, BadSetting(name, "无法用于签名。", "cannot be signed with.")
	}
	if key, err := x509.ParsePKCS1PrivateKey(blocks[0]); err == nil {
		return key, nil
	}
	key, _ := x509.ParsePKCS8PrivateKey(blocks[0])
	private, ok := key.(*rsa.PrivateKey)
	if !ok {
		return nil, BadSetting(name, "无法用于签名。", "cannot be signed with.")
	}
	return private, nil
}

// PublicKeysIn reads the setting that holds the institution's public keys or certificates: at least one, the newest
// first. None, or one that cannot be read, is Invalid.
func PublicKeysIn(settings map[string]string, name string) ([]KeyInfo, error) {
	infos, err := ReadKeys(settings[name])
	bad := err != nil || len(infos) == 0
	for _, k := range infos {
		bad = bad || k.Kind == PrivateKey
	}
	if bad {
		return nil, BadSetting(name, "须为 RSA 公钥或证书（PEM），可有多个，新的在前。",
			"must be RSA public keys or certificates (PEM), the newest first.")
	}
	return infos, nil
}

// Replace puts a value in the place of the old one; rotate keeps the old one where the setting says.
func (d Setting) Replace(settings map[string]string, value string, rotate bool) {
	old := settings[d.Name]
	settings[d.Name] = value
	switch {
	case !rotate || old == "" || value == "":
	case d.Newest(old) == value:
		settings[d.Name] = old
	case d.Several:
		settings[d.Name] = value + "\n" + old
	case d.Previous != "":
		settings[d.Previous] = old
	}
}

// Newest is the first of the values that a setting holds.
func (d Setting) Newest(text string) string {
	if !d.Several {
		return text
	}
	if block, _ := pem.Decode([]byte(text)); d.PEM && block != nil {
		return strings.TrimSpace(string(pem.EncodeToMemory(block)))
	}
	if values := strings.Fields(text); len(values) > 0 {
		return values[0]
	}
	return ""
}

// settingLimit bounds a setting, in bytes: a few certificates.
const settingLimit = 24 << 10

// Tidy brings what a person pasted into one form: without spaces around it, keys as PEM. One that is too long or not of
// its kind is Invalid.
func (d Setting) Tidy(text string) (string, error) {
	text = strings.TrimSpace(text)
	if len(text) > settingLimit {
		return "", BadSetting(d.Name, "过长。", "is too long.")
	}
	if d.Roots && text != "" {
		if _, err := blocksOf(text); err != nil {
			return "", BadSetting(d.Name, "须为证书（PEM）。", "must be certificates (PEM).")
		}
		return text, nil
	}
	if d.PEM && text != "" {
		framed, err := frame(text)
		if err != nil {
			return "", BadSetting(d.Name, "须为 RSA 密钥或证书（PEM 或 Base64）。",
				"must be an RSA key or certificate (PEM or base64).")
		}
		return framed, nil
	}
	if strings.ContainsFunc(text, unicode.IsControl) {
		return "", BadSetting(d.Name, "含有换行或控制字符。", "holds line breaks or control characters.")
	}
	return text, nil
}

// Shown is what may be shown of a setting's value: of a key its fingerprint, of another secret that it is there.
func (d Setting) Shown(value string) string {
	switch {
	case value == "":
		return ""
	case d.PEM:
		keys, err := ReadKeys(value)
		values := []string{}
		for _, k := range keys {
			values = append(values, k.Fingerprint)
		}
		if err == nil && len(values) > 0 {
			return strings.Join(values, ", ")
		}
		return "••••••"
	case d.Secret:
		return "••••••"
	}
	return strings.Join(strings.Fields(value), ", ")
}
