package sandbox

import (
	"crypto/rsa"
	"crypto/x509"
	"encoding/hex"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
)

// merchant is a merchant as an institution knows it. The private key is the merchant's own; an institution keeps it
// only because this one also hands out credentials.
type merchant struct {
	ID        string          `json:"id"`  // mchid, seller_id, merchant_no
	App       string          `json:"app"` // appid, app_id
	Secret    string          `json:"secret,omitempty"`
	Serial    string          `json:"serial,omitempty"`
	APIv3Key  string          `json:"apiv3_key,omitempty"`
	Terminal  string          `json:"terminal,omitempty"` // an acquirer's number of the merchant's terminal
	Key       *rsa.PrivateKey `json:"-"`
	KeyPEM    string          `json:"key_pem"`
	publicKey *rsa.PublicKey
	wechat    *merchant // the WeChat merchant of the same place, whose app this one uses in the WeChat app
}

// ownKey is a key of an institution's own.
type ownKey struct {
	KeyPEM  string `json:"key_pem"`
	CertPEM string `json:"cert_pem,omitempty"`
	key     *rsa.PrivateKey
	serial  string // of the certificate: hexadecimal capitals
}

// public is the public half in PEM.
func (o *ownKey) public() string { return publicPEM(&o.key.PublicKey) }

// keyring is all keys: the institutions' own and the merchants'. Its file makes them the same at the next start.
type keyring struct {
	mu        sync.Mutex
	path      string
	houses    []institution
	Merchants map[string][]*merchant `json:"merchants"` // by institution; all have as many
	Own       map[string]*ownKey     `json:"own"`
	forger    *rsa.PrivateKey        // what a forger would sign with: nobody's key

	pool  *KeyPool
	drawn int // keys that came from the pool
}

// openKeyring reads keys.json and makes what it lacks: everything, or the keys of institutions that an earlier version
// did not play.
func openKeyring(dir string, pool *KeyPool, houses []institution) (*keyring, error) {
	k := &keyring{houses: houses, Merchants: map[string][]*merchant{}, Own: map[string]*ownKey{}, pool: pool}
	if dir != "" {
		if err := os.MkdirAll(dir, 0o700); err != nil {
			return nil, fmt.Errorf("sandbox: the directory %s cannot be written: %w", dir, err)
		}
		k.path = filepath.Join(dir, "keys.json")
		raw, err := os.ReadFile(k.path)
		if err == nil {
			err = errors.Join(json.Unmarshal(raw, k), k.adopt(raw))
		}
		if err != nil && !errors.Is(err, os.ErrNotExist) {
			return nil, fmt.Errorf("sandbox: keys.json: %w", err)
		}
	}
	forger, err := k.newKeys(1)
	if err != nil {
		return nil, err
	}
	k.forger = forger[0]
	return k, errors.Join(k.load(), k.complete())
}

// adopt takes over a keys.json of the version that played WeChat Pay and Alipay only.
func (k *keyring) adopt(raw []byte) error {
	var old struct {
		Wechat  []*merchant `json:"wechat"`
		Alipay  []*merchant `json:"alipay"`
		CertKey string      `json:"cert_key"`
		CertPEM string      `json:"cert_pem"`
		PubKey  string      `json:"pub_key"`
		AliKey  string      `json:"ali_key"`
	}
	if err := json.Unmarshal(raw, &old); err != nil || old.CertKey == "" {
		return err
	}
	k.Merchants["wechat"], k.Merchants["alipay"] = old.Wechat, old.Alipay
	k.Own[wechatCertKey] = &ownKey{KeyPEM: old.CertKey, CertPEM: old.CertPEM}
	k.Own[wechatPublicKey], k.Own[alipayKey] = &ownKey{KeyPEM: old.PubKey}, &ownKey{KeyPEM: old.AliKey}
	return nil
}

// load parses the keys that the file holds as text.
func (k *keyring) load() (err error) {
	for _, own := range k.Own {
		if err := own.load(); err != nil {
			return err
		}
	}
	for _, merchants := range k.Merchants {
		for _, m := range merchants {
			if m.Key, err = parsePrivate(m.KeyPEM); err != nil {
				return err
			}
			m.publicKey = &m.Key.PublicKey
		}
	}
	return nil
}

func (o *ownKey) load() (err error) {
	if o.key, err = parsePrivate(o.KeyPEM); err != nil || o.CertPEM == "" {
		return err
	}
	block, _ := pem.Decode([]byte(o.CertPEM))
	if block == nil {
		return errors.New("sandbox: keys.json holds no certificate")
	}
	cert, err := x509.ParseCertificate(block.Bytes)
	if err != nil {
		return err
	}
	o.serial = strings.ToUpper(hex.EncodeToString(cert.SerialNumber.Bytes()))
	return nil
}

// complete makes the own keys that are missing, and gives every institution as many merchants as the one that has most:
// one at least.
func (k *keyring) complete() error {
	for _, house := range k.houses {
		for _, name := range house.traits().keys {
			if k.Own[name] != nil {
				continue
			}
			own, err := k.newOwnKey(name == house.traits().certified)
			if err != nil {
				return err
			}
			k.Own[name] = own
		}
	}
	most := 1
	for _, merchants := range k.Merchants {
		most = max(most, len(merchants))
	}
	return k.enrol(most)
}

func (k *keyring) newOwnKey(certified bool) (*ownKey, error) {
	keys, err := k.newKeys(1)
	if err != nil {
		return nil, err
	}
	own := &ownKey{}
	if own.KeyPEM, err = privatePEM(keys[0]); err != nil {
		return nil, err
	}
	if certified {
		if own.CertPEM, err = issueCertificate(keys[0]); err != nil {
			return nil, err
		}
	}
	return own, own.load()
}

// newKeys draws the next keys from the pool, which makes those that it lacks side by side.
func (k *keyring) newKeys(n int) ([]*rsa.PrivateKey, error) {
	keys, errs := make([]*rsa.PrivateKey, n), make([]error, n)
	var making sync.WaitGroup
	for i := range n {
		key := k.pool.key(k.drawn)
		k.drawn++
		making.Go(func() { keys[i], errs[i] = key() })
	}
	making.Wait()
	return keys, errors.Join(errs...)
}

// enrol makes merchants until each institution has n, and keeps them.
func (k *keyring) enrol(n int) error {
	k.mu.Lock()
	defer k.mu.Unlock()
	for _, house := range k.houses {
		name := house.traits().name
		keys, err := k.newKeys(max(0, n-len(k.Merchants[name])))
		if err != nil {
			return err
		}
		for _, key := range keys {
			m, err := newMerchant(key)
			if err != nil {
				return err
			}
			house.enrol(m, len(k.Merchants[name])+1)
			k.Merchants[name] = append(k.Merchants[name], m)
		}
		for i, m := range k.Merchants[name] {
			m.wechat = k.Merchants["wechat"][i]
		}
	}
	return k.save()
}

func newMerchant(key *rsa.PrivateKey) (*merchant, error) {
	text, err := privatePEM(key)
	return &merchant{Key: key, KeyPEM: text, publicKey: &key.PublicKey, Secret: randomHex(16)}, err
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

// merchantBy returns the merchant that match accepts.
func (k *keyring) merchantBy(institution string, match func(*merchant) bool) *merchant {
	k.mu.Lock()
	defer k.mu.Unlock()
	for _, m := range k.Merchants[institution] {
		if match(m) {
			return m
		}
	}
	return nil
}

// place returns the merchant of a place, from 0, or nil.
func (k *keyring) place(institution string, n int) *merchant {
	k.mu.Lock()
	defer k.mu.Unlock()
	if n < 0 || n >= len(k.Merchants[institution]) {
		return nil
	}
	return k.Merchants[institution][n]
}
