package sandbox

import (
	"crypto/md5"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/hex"
	"encoding/pem"
	"math/big"
	"net/url"
	"time"
)

// alipayRootKey is the key of Alipay's certification authority.
const alipayRootKey = "alipay_root"

// alipayIssuer is who issues all of Alipay's certificates here: its root, as a certificate holds the name and as RFC
// 2253 writes it.
func alipayIssuer() (name pkix.Name, text string) {
	name = pkix.Name{
		Country: []string{"CN"}, Organization: []string{"Sandbox"},
		OrganizationalUnit: []string{"Certification Authority"}, CommonName: "Sandbox Alipay Root",
	}
	return name, "CN=Sandbox Alipay Root,OU=Certification Authority,O=Sandbox,C=CN"
}

// alipaySerial is the serial number of a key's certificate: always the same, so that certificates need not be kept.
func alipaySerial(key *rsa.PublicKey) *big.Int {
	sum := sha256.Sum256(key.N.Bytes())
	return new(big.Int).SetBit(new(big.Int).SetBytes(sum[:16]), 125, 1)
}

// alipayCertSN is the number by which Alipay names a key's certificate.
func alipayCertSN(key *rsa.PublicKey) string {
	_, issuer := alipayIssuer()
	sum := md5.Sum([]byte(issuer + alipaySerial(key).String()))
	return hex.EncodeToString(sum[:])
}

// certificate is a key's certificate in PEM. That of the authority itself is signed by its own key.
func (a *alipay) certificate(key *rsa.PublicKey, owner string) string {
	root := a.keys.Own[alipayRootKey].key
	issuer, _ := alipayIssuer()
	authority := key.Equal(&root.PublicKey)
	subject := pkix.Name{Country: []string{"CN"}, Organization: []string{"Sandbox"}, CommonName: owner}
	usage := x509.KeyUsageDigitalSignature
	if authority {
		subject, usage = issuer, x509.KeyUsageCertSign
	}
	der, err := x509.CreateCertificate(rand.Reader, &x509.Certificate{
		SerialNumber: alipaySerial(key), Subject: subject, KeyUsage: usage,
		BasicConstraintsValid: true, IsCA: authority,
		NotBefore: time.Date(2024, 1, 1, 0, 0, 0, 0, shanghai), NotAfter: time.Date(2049, 1, 1, 0, 0, 0, 0, shanghai),
	}, &x509.Certificate{Subject: issuer}, key, root)
	if err != nil {
		panic("sandbox: a certificate cannot be issued: " + err.Error())
	}
	return string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}))
}

// alipayOtherRoot is a root of another kind (SM2), which the real file holds too: it takes no part in the root's
// number, and many libraries cannot read it.
const alipayOtherRoot = `-----BEGIN CERTIFICATE-----
MIIBzDCCAXGgAwIBAgIUPhVCL6bBMYezRzv4j0aaL4uWlt4wCgYIKoEcz1UBg3Uw
OjELMAkGA1UEBhMCQ04xEDAOBgNVBAoMB1NhbmRib3gxGTAXBgNVBAMMEFNhbmRi
b3ggU00yIHJvb3QwIBcNMjYxMTI4MDEzNTI1WhgPMjA1MTExMjIwMTM1MjVaMDox
CzAJBgNVBAYTAkNOMRAwDgYDVQQKDAdTYW5kYm94MRkwFwYDVQQDDBBTYW5kYm94
IFNNMiByb290MFkwEwYHKoZIzj0CAQYIKoEcz1UBgi0DQgAE0D0S2hmYpRV6PfY+
4DJOTc+fY9gI6tuATmVhjKFcNN+YfekPQfwkMS62VNQ+RQJwCDVIvJqhOi0Ga6Dl
tzkCT6NTMFEwHQYDVR0OBBYEFADhH6n2+NkdVe4+lVU1JfDXRx9NMB8GA1UdIwQY
MBaAFADhH6n2+NkdVe4+lVU1JfDXRx9NMA8GA1UdEwEB/wQFMAMBAf8wCgYIKoEc
z1UBg3UDSQAwRgIhAJPbKiH/OEOU4WfeR3dVxnS/GWHiOoFCd4J+dm3zwAoXAiEA
nuB8D0Xh+3c86AEvYwXyjcK/v4t1EynNV7pjFtNSrf0=
-----END CERTIFICATE-----
`

// certificates are what a merchant in certificate mode (证书模式) is given.
func (a *alipay) certificates(m *merchant) AlipayCertificates {
	root := &a.keys.Own[alipayRootKey].key.PublicKey
	return AlipayCertificates{
		AppCertPEM:        a.certificate(m.publicKey, m.ID+"-"+m.App),
		AlipayCertPEM:     a.certificate(&a.key().key.PublicKey, "Sandbox Alipay"),
		AlipayRootCertPEM: alipayOtherRoot + a.certificate(root, ""),
	}
}

// certified tells whether a request is in certificate mode, and what is wrong with the numbers in it.
func (a *alipay) certified(m *merchant, p url.Values) (bool, *alipayError) {
	app, root := p.Get("app_cert_sn"), p.Get("alipay_root_cert_sn")
	switch {
	case app == "" && root == "":
		return false, nil
	case app == "":
		return true, &alipayError{"40001", "isv.missing-app-cert-sn", "缺少应用公钥证书序列号"}
	case root == "":
		return true, &alipayError{"40001", "isv.missing-alipay-root-cert-sn", "缺少支付宝根证书序列号"}
	case app != alipayCertSN(m.publicKey):
		return true, &alipayError{"40002", "isv.app-cert-not-exist", "应用公钥证书不存在"}
	case root != alipayCertSN(&a.keys.Own[alipayRootKey].key.PublicKey):
		return true, &alipayError{"40002", "isv.invalid-alipay-root-cert-sn", "支付宝根证书序列号不正确"}
	}
	return true, nil
}
