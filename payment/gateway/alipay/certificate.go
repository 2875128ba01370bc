package alipay

import (
	"crypto/md5"
	"crypto/rsa"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"encoding/hex"
	"encoding/pem"
	"errors"
	"math/big"
	"strings"
)

// certificate is what the number of a certificate is made of, read by hand: some of the institution's roots are of a
// kind (SM2) that the standard library does not read.
type certificate struct {
	TBS struct {
		Version   int `asn1:"optional,explicit,default:0,tag:0"`
		Serial    *big.Int
		Signature pkix.AlgorithmIdentifier
		Issuer    asn1.RawValue
	}
	Algorithm pkix.AlgorithmIdentifier
	Signature asn1.BitString
}

// rsaSigned is the beginning of the object identifiers of all signatures by RSA.
const rsaSigned = "1.2.840.113549.1.1."

// readCertificate reads one certificate in DER.
func readCertificate(der []byte) (c certificate, err error) {
	rest, err := asn1.Unmarshal(der, &c)
	if err == nil && (len(rest) > 0 || c.TBS.Serial == nil) {
		err = errors.New("not one certificate")
	}
	return c, err
}

// sn is the certificate's number at the institution (证书 SN): the MD5, in hexadecimal, of the issuer's name as RFC 2253
// writes it and of the serial number in decimal. Source: the institution's signing rule
// (opendocs.alipay.com/common/057k53) and AlipaySignature.getCertSN of its library.
func (c certificate) sn() (string, error) {
	var issuer pkix.RDNSequence
	if rest, err := asn1.Unmarshal(c.TBS.Issuer.FullBytes, &issuer); err != nil || len(rest) > 0 {
		return "", errors.New("the issuer's name cannot be read")
	}
	sum := md5.Sum([]byte(issuer.String() + c.TBS.Serial.String()))
	return hex.EncodeToString(sum[:]), nil
}

func (c certificate) signedByRSA() bool {
	return strings.HasPrefix(c.Algorithm.Algorithm.String(), rsaSigned)
}

// rootSN is the number of the institution's roots: those of all that are signed by RSA, in their order, joined by _.
// Source: as for sn, and AntCertificationUtil.getRootCertSN.
func rootSN(text string) (string, error) {
	blocks, err := blocksOf(text)
	if err != nil {
		return "", err
	}
	var values []string
	for _, der := range blocks {
		c, err := readCertificate(der)
		if err != nil {
			return "", err
		}
		if !c.signedByRSA() {
			continue
		}
		sn, err := c.sn()
		if err != nil {
			return "", err
		}
		values = append(values, sn)
	}
	if len(values) == 0 {
		return "", errors.New("none of the roots is signed by RSA")
	}
	return strings.Join(values, "_"), nil
}

// certificatesIn reads the certificates of a setting, each with its number. Those of certification authorities, which
// the institution's files hold too, sign no messages and are left out.
func certificatesIn(text string) (keys []key, err error) {
	blocks, err := blocksOf(text)
	if err != nil {
		return nil, err
	}
	for _, der := range blocks {
		parsed, err := x509.ParseCertificate(der)
		if err != nil {
			return nil, err
		}
		k, err := keyOf(parsed)
		if err != nil {
			return nil, err
		}
		if !parsed.IsCA {
			keys = append(keys, k)
		}
	}
	return keys, nil
}

// keyOf is the RSA key of a certificate, with the certificate's number.
func keyOf(parsed *x509.Certificate) (key, error) {
	c, err := readCertificate(parsed.Raw)
	if err != nil {
		return key{}, err
	}
	sn, err := c.sn()
	if err != nil {
		return key{}, err
	}
	public, ok := parsed.PublicKey.(*rsa.PublicKey)
	if !ok {
		return key{}, errors.New("not a certificate of an RSA key")
	}
	return key{public, sn}, nil
}

// blocksOf is the DER of each PEM block of a text that holds nothing else.
func blocksOf(text string) (list [][]byte, err error) {
	for rest := strings.TrimSpace(text); rest != ""; {
		block, after := pem.Decode([]byte(rest))
		const begin = "-----BEGIN"
		skipped := strings.Count(rest, begin) != 1+strings.Count(string(after), begin)
		if block == nil || skipped || !strings.HasPrefix(rest, begin) {
			return nil, errors.New("a part of it is not PEM") // which the library would skip
		}
		list, rest = append(list, block.Bytes), strings.TrimSpace(string(after))
	}
	return list, nil
}
