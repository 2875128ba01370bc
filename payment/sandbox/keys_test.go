package sandbox

import (
	"encoding/json"
	"path/filepath"
	"slices"
	"testing"
)

// A keys.json of the version that played two institutions keeps its keys and merchants, and gets what it lacks.
func TestEarlierKeysAreCompleted(t *testing.T) {
	k, err := openKeyring("", &keys, (&Sandbox{}).institutions())
	if err != nil {
		t.Fatal(err)
	}
	raw, err := json.Marshal(k)
	if err != nil {
		t.Fatal(err)
	}
	var now struct {
		Merchants map[string][]json.RawMessage
		Own       map[string]ownKey
	}
	if err := json.Unmarshal(raw, &now); err != nil {
		t.Fatal(err)
	}
	second, err := k.newKeys(1)
	if err != nil {
		t.Fatal(err)
	}
	m, err := newMerchant(second[0])
	if err != nil {
		t.Fatal(err)
	}
	(&wechat{}).enrol(m, 2)
	other, err := json.Marshal(m)
	if err != nil {
		t.Fatal(err)
	}
	old, err := json.Marshal(map[string]any{
		"wechat":   []json.RawMessage{now.Merchants["wechat"][0], other},
		"alipay":   []json.RawMessage{now.Merchants["alipay"][0], now.Merchants["alipay"][0]},
		"cert_key": now.Own[wechatCertKey].KeyPEM, "cert_pem": now.Own[wechatCertKey].CertPEM,
		"pub_key": now.Own[wechatPublicKey].KeyPEM, "ali_key": now.Own[alipayKey].KeyPEM,
	})
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	if err := writeFile(filepath.Join(dir, "keys.json"), old); err != nil {
		t.Fatal(err)
	}
	s := start(t, Config{Dir: dir})
	c, err := s.Merchant(1)
	if err != nil {
		t.Fatal(err)
	}
	if c.Wechat.PrivateKeyPEM != m.KeyPEM || c.Wechat.PlatformCertPEM != now.Own[wechatCertKey].CertPEM {
		t.Error("the merchants or the certificate changed")
	}
	if c.Lakala.MerchantNo == s.Credentials().Lakala.MerchantNo || c.Lakala.WechatAppid != c.Wechat.Appid ||
		c.Shengpay.PrivateKeyPEM == "" || c.Ruiyinxin.PrivateKeyPEM == "" {
		t.Errorf("the second merchant is %+v", c)
	}
	again, err := openKeyring(dir, &KeyPool{}, s.institutions())
	if err != nil || again.place("lakala", 1).KeyPEM != c.Lakala.PrivateKeyPEM || again.place("lakala", 2) != nil {
		t.Errorf("the completed keys were not kept: %v", err)
	}
}

func TestAMerchantIsOneEverywhere(t *testing.T) {
	s := start(t, Config{})
	c, err := s.AddMerchant()
	if err != nil {
		t.Fatal(err)
	}
	same, err := s.Merchant(1)
	if err != nil || c != same || c.Lakala.Appid == s.Credentials().Lakala.Appid ||
		c.Lakala.OAuthBaseURL != c.Wechat.BaseURL {
		t.Errorf("the second merchant is %+v and %+v, %v", c, same, err)
	}
}

func TestAPoolsKeysDifferWithinASandbox(t *testing.T) {
	draw := func() []string {
		k, err := openKeyring("", &keys, (&Sandbox{}).institutions())
		if err != nil {
			t.Fatal(err)
		}
		if err := k.enrol(2); err != nil {
			t.Fatal(err)
		}
		var values []string
		for _, house := range k.houses {
			for _, name := range house.traits().keys {
				values = append(values, k.Own[name].public())
			}
			for _, m := range k.Merchants[house.traits().name] {
				values = append(values, publicPEM(m.publicKey))
			}
		}
		return append(values, publicPEM(&k.forger.PublicKey))
	}
	first, second := draw(), draw()
	if !slices.Equal(first, second) {
		t.Error("two sandboxes draw other keys from one pool")
	}
	slices.Sort(first)
	if n := len(slices.Compact(first)); n != len(second) || n < 15 {
		t.Errorf("of a sandbox's %d keys only %d differ", len(second), n)
	}
}
