package sandbox

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/hex"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"math/big"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"
)

// Credentials let any client library be pointed at the sandbox. Private keys are PKCS#8.
type Credentials struct {
	ControlURL string            `json:"control_url"`
	Wechat     WechatCredentials `json:"wechat"`
	Alipay     AlipayCredentials `json:"alipay"`
}

// WechatCredentials are one merchant's at WeChat Pay.
type WechatCredentials struct {
	BaseURL          string `json:"base_url"`
	OAuthBaseURL     string `json:"oauth_base_url"` // of open.weixin.qq.com and api.weixin.qq.com
	Mchid            string `json:"mchid"`
	Appid            string `json:"appid"`
	AppSecret        string `json:"app_secret"`
	SerialNo         string `json:"serial_no"`
	PrivateKeyPEM    string `json:"private_key_pem"`
	APIv3Key         string `json:"apiv3_key"`
	PublicKeyID      string `json:"public_key_id"`
	PublicKeyPEM     string `json:"public_key_pem"`
	PlatformSerialNo string `json:"platform_serial_no"`
	PlatformCertPEM  string `json:"platform_cert_pem"`
}

// AlipayCredentials are one merchant's at Alipay.
type AlipayCredentials struct {
	BaseURL            string `json:"base_url"` // ends in /gateway.do
	AppID              string `json:"app_id"`
	SellerID           string `json:"seller_id"`
	PrivateKeyPEM      string `json:"private_key_pem"`
	AlipayPublicKeyPEM string `json:"alipay_public_key_pem"`
}

// merchant is a merchant as an institution knows it. The private key is the merchant's own; an institution keeps it only because this one
// also hands out credentials.
type merchant struct {
	ID        string          `json:"id"`  // mchid, seller_id
	App       string          `json:"app"` // appid, app_id
	Secret    string          `json:"secret,omitempty"`
	Serial    string          `json:"serial,omitempty"`
	APIv3Key  string          `json:"apiv3_key,omitempty"`
	Key       *rsa.PrivateKey `json:"-"`
	KeyPEM    string          `json:"key_pem"`
	publicKey *rsa.PublicKey
}

// keyring is all keys: the institutions' own and the merchants'. Its file makes them the same at the next start.
type keyring struct {
	mu      sync.Mutex
	path    string
	Wechat  []*merchant `json:"wechat"`
	Alipay  []*merchant `json:"alipay"`
	CertKey string      `json:"cert_key"` // WeChat's platform certificate
	CertPEM string      `json:"cert_pem"`
	PubKey  string      `json:"pub_key"` // WeChat's public-key mode
	AliKey  string      `json:"ali_key"`

	certKey, pubKey, aliKey, forger *rsa.PrivateKey
	certSerial, pubID               string
}

func openKeyring(dir string) (*keyring, error) {
	k := &keyring{}
	if dir != "" {
		if err := os.MkdirAll(dir, 0o700); err != nil {
			return nil, fmt.Errorf("sandbox: the directory %s cannot be written: %w", dir, err)
		}
		k.path = filepath.Join(dir, "keys.json")
		raw, err := os.ReadFile(k.path)
		if err == nil {
			return k, errors.Join(json.Unmarshal(raw, k), k.load())
		}
		if !errors.Is(err, os.ErrNotExist) {
			return nil, fmt.Errorf("sandbox: %w", err)
		}
	}
	return k, k.generate()
}

// generate makes the institutions' keys and a first merchant at each.
func (k *keyring) generate() error {
	for _, into := range []*string{&k.CertKey, &k.PubKey, &k.AliKey} {
		key, err := rsa.GenerateKey(rand.Reader, 2048)
		if err != nil {
			return err
		}
		if *into, err = privatePEM(key); err != nil {
			return err
		}
	}
	var err error
	if k.CertPEM, err = issueCertificate(k.CertKey); err != nil {
		return err
	}
	if err := k.load(); err != nil {
		return err
	}
	if _, err := k.add("wechat"); err != nil {
		return err
	}
	_, err = k.add("alipay")
	return err
}

// load parses the keys that the file holds as text.
func (k *keyring) load() error {
	for _, p := range []struct {
		text string
		into **rsa.PrivateKey
	}{{k.CertKey, &k.certKey}, {k.PubKey, &k.pubKey}, {k.AliKey, &k.aliKey}} {
		key, err := parsePrivate(p.text)
		if err != nil {
			return err
		}
		*p.into = key
	}
	block, _ := pem.Decode([]byte(k.CertPEM))
	if block == nil {
		return errors.New("sandbox: keys.json holds no certificate")
	}
	cert, err := x509.ParseCertificate(block.Bytes)
	if err != nil {
		return err
	}
	k.certSerial = strings.ToUpper(hex.EncodeToString(cert.SerialNumber.Bytes()))
	k.pubID = "PUB_KEY_ID_" + digits(k.certSerial, 28)
	for _, m := range append(append([]*merchant{}, k.Wechat...), k.Alipay...) {
		if m.Key, err = parsePrivate(m.KeyPEM); err != nil {
			return err
		}
		m.publicKey = &m.Key.PublicKey
	}
	k.forger, err = rsa.GenerateKey(rand.Reader, 2048) // what a forger would sign with: nobody's key
	return err
}

// add makes another merchant at an institution and keeps it.
func (k *keyring) add(institution string) (*merchant, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		return nil, err
	}
	text, err := privatePEM(key)
	if err != nil {
		return nil, err
	}
	m := &merchant{Key: key, KeyPEM: text, publicKey: &key.PublicKey, Secret: randomHex(16)}
	switch institution {
	case "wechat":
		m.ID, m.App = fmt.Sprintf("19%08d", 1+len(k.Wechat)), "wx"+randomHex(8)
		m.Serial, m.APIv3Key = strings.ToUpper(randomHex(20)), randomHex(16)
		k.Wechat = append(k.Wechat, m)
	case "alipay":
		m.ID, m.App = fmt.Sprintf("20880000%08d", 1+len(k.Alipay)), fmt.Sprintf("20210000%08d", 1+len(k.Alipay))
		k.Alipay = append(k.Alipay, m)
	default:
		return nil, fmt.Errorf("there is no institution %q", institution)
	}
	return m, k.save()
}

func (k *keyring) save() error {
	if k.path == "" {
		return nil
	}
	raw, err := json.Marshal(k)
	if err != nil {
		return err
	}
	return writeFile(k.path, raw)
}

// writeFile replaces a file whole, readable by its owner alone.
func writeFile(path string, raw []byte) error {
	if err := os.WriteFile(path+".new", raw, 0o600); err != nil {
		return err
	}
	return os.Rename(path+".new", path)
}

func (k *keyring) writeCredentials(dir string, c Credentials) error {
	if dir == "" {
		return nil
	}
	raw, err := json.MarshalIndent(c, "", "  ")
	if err != nil {
		return err
	}
	return writeFile(filepath.Join(dir, "credentials.json"), raw)
}

// merchantBy returns the merchant that match accepts.
func (k *keyring) merchantBy(institution string, match func(*merchant) bool) *merchant {
	k.mu.Lock()
	defer k.mu.Unlock()
	some := k.Wechat
	if institution == "alipay" {
		some = k.Alipay
	}
	for _, m := range some {
		if match(m) {
			return m
		}
	}
	return nil
}

// Credentials are the first merchant's at each institution.
func (s *Sandbox) Credentials() Credentials {
	return Credentials{ControlURL: s.controlURL(), Wechat: s.wechatCredentials(s.keys.Wechat[0]), Alipay: s.alipayCredentials(s.keys.Alipay[0])}
}

// AddMerchant makes another merchant at each institution and returns its credentials.
func (s *Sandbox) AddMerchant() (Credentials, error) {
	w, err := s.keys.add("wechat")
	if err != nil {
		return Credentials{}, err
	}
	a, err := s.keys.add("alipay")
	if err != nil {
		return Credentials{}, err
	}
	return Credentials{ControlURL: s.controlURL(), Wechat: s.wechatCredentials(w), Alipay: s.alipayCredentials(a)}, nil
}

// Merchant returns the credentials of the n-th merchant, from 0, at each institution, making those that are missing.
func (s *Sandbox) Merchant(n int) (Credentials, error) {
	for len(s.keys.Wechat) <= n {
		if _, err := s.AddMerchant(); err != nil {
			return Credentials{}, err
		}
	}
	return Credentials{s.controlURL(), s.wechatCredentials(s.keys.Wechat[n]), s.alipayCredentials(s.keys.Alipay[n])}, nil
}

func (s *Sandbox) wechatCredentials(m *merchant) WechatCredentials {
	return WechatCredentials{
		BaseURL: s.wechatURL(), OAuthBaseURL: s.wechatURL(), Mchid: m.ID, Appid: m.App, AppSecret: m.Secret, SerialNo: m.Serial, PrivateKeyPEM: m.KeyPEM, APIv3Key: m.APIv3Key,
		PublicKeyID: s.keys.pubID, PublicKeyPEM: publicPEM(&s.keys.pubKey.PublicKey), PlatformSerialNo: s.keys.certSerial, PlatformCertPEM: s.keys.CertPEM,
	}
}

func (s *Sandbox) alipayCredentials(m *merchant) AlipayCredentials {
	return AlipayCredentials{
		BaseURL: s.alipayURL(), AppID: m.App, SellerID: m.ID, PrivateKeyPEM: m.KeyPEM, AlipayPublicKeyPEM: publicPEM(&s.keys.aliKey.PublicKey),
	}
}

func issueCertificate(keyPEM string) (string, error) {
	key, err := parsePrivate(keyPEM)
	if err != nil {
		return "", err
	}
	serial, err := rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 158))
	if err != nil {
		return "", err
	}
	serial.SetBit(serial, 159, 1) // 20 bytes, like the real ones
	now := time.Now()
	der, err := x509.CreateCertificate(rand.Reader, &x509.Certificate{
		SerialNumber: serial, Subject: pkix.Name{CommonName: "Sandbox platform certificate"},
		NotBefore: now.Add(-time.Hour), NotAfter: now.AddDate(5, 0, 0), KeyUsage: x509.KeyUsageDigitalSignature,
	}, &x509.Certificate{Subject: pkix.Name{CommonName: "Sandbox CA"}, SerialNumber: big.NewInt(1)}, &key.PublicKey, key)
	if err != nil {
		return "", err
	}
	return string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})), nil
}

func privatePEM(key *rsa.PrivateKey) (string, error) {
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return "", err
	}
	return string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der})), nil
}

func publicPEM(key *rsa.PublicKey) string {
	der, err := x509.MarshalPKIXPublicKey(key)
	if err != nil {
		panic("sandbox: an RSA public key does not encode: " + err.Error())
	}
	return string(pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der}))
}

func parsePrivate(text string) (*rsa.PrivateKey, error) {
	block, _ := pem.Decode([]byte(text))
	if block == nil {
		return nil, errors.New("sandbox: keys.json holds no private key")
	}
	key, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	if err != nil {
		return nil, err
	}
	rsaKey, ok := key.(*rsa.PrivateKey)
	if !ok {
		return nil, errors.New("sandbox: keys.json holds a key that is not RSA")
	}
	return rsaKey, nil
}

func randomHex(bytes int) string {
	raw := make([]byte, bytes)
	rand.Read(raw)
	return hex.EncodeToString(raw)
}

// digits turns a hexadecimal text into n decimal digits, the same each time.
func digits(text string, n int) string {
	v, _ := new(big.Int).SetString(text, 16)
	s := v.String()
	return (s + strings.Repeat("0", n))[:n]
}
