package alipay

import (
	"strings"
	"testing"

	gp "github.com/go-pay/gopay/alipay"
	"github.com/go-pay/gopay/alipay/cert"
)

// The numbers of certificates that Alipay issued, as three know them: the openssl program (the MD5 of what `openssl
// x509 -issuer -serial -nameopt RFC2253` prints, the serial number in decimal), gopay, and for the roots everybody: the
// institution's library gives this number of its published file.
func TestNumbersOfPublishedCertificates(t *testing.T) {
	for name, c := range map[string]struct {
		text []byte
		want string
	}{
		"application": {cert.AppPublicContent, "e3c9f0700bbcd73befadcea20be76d5b"},
		"Alipay":      {cert.AlipayPublicContentRSA2, "b09baa7d1d5b198c713b230c5a6ec8e7"},
	} {
		keys, err := certificatesIn(string(c.text))
		theirs, failed := gp.GetCertSN(c.text)
		if err != nil || failed != nil || len(keys) == 0 || keys[0].sn != c.want || theirs != c.want {
			t.Errorf("%s: %v, %v; gopay says %s, %v; want %s", name, keys, err, theirs, failed, c.want)
		}
	}
	const roots = "687b59193f3f462dd5336e5abf83c5d8_02941eef3187dddf3d3b83462e1dfcf6"
	got, err := rootSN(string(cert.AlipayRootContent))
	theirs, failed := gp.GetRootCertSN(cert.AlipayRootContent)
	if err != nil || failed != nil || got != roots || theirs != roots {
		t.Errorf("the roots: %s, %v; gopay says %s, %v; want %s", got, err, theirs, failed, roots)
	}
}

// What is no certificate, or only in part, is not read as fewer of them.
func TestSpoiltCertificates(t *testing.T) {
	whole := string(cert.AlipayRootContent)
	for name, text := range map[string]string{
		"nothing": "", "words": "no certificate", "half": whole[:len(whole)/2], "words before": "x\n" + whole,
		"words between": strings.Replace(whole, "-----END CERTIFICATE-----\n", "-----END CERTIFICATE-----\nx\n", 1),
		"a spoilt one among them": strings.Replace(whole, "-----BEGIN CERTIFICATE-----\nMII",
			"-----BEGIN CERTIFICATE-----\n!II", 1),
		"another thing": strings.Replace(whole, "-----BEGIN CERTIFICATE-----\nMII",
			"-----BEGIN CERTIFICATE-----\nAII", 1),
	} {
		if sn, err := rootSN(text); err == nil {
			t.Errorf("%s: the roots are %s", name, sn)
		}
		if keys, err := certificatesIn(text); err == nil && text != "" {
			t.Errorf("%s: %v", name, keys)
		}
	}
}

func FuzzCertificates(f *testing.F) {
	for _, text := range [][]byte{cert.AppPublicContent, cert.AlipayPublicContentRSA2, cert.AlipayRootContent,
		[]byte("-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----")} {
		f.Add(string(text))
	}
	f.Fuzz(func(t *testing.T, text string) {
		keys, err := certificatesIn(text)
		for _, k := range keys {
			if err == nil && (len(k.sn) != 32 || k.public == nil) {
				t.Errorf("%+v", k)
			}
		}
		if sn, err := rootSN(text); err == nil && len(sn)%33 != 32 {
			t.Errorf("%q", sn)
		}
	})
}
