package merchant_test

import (
	"maps"
	"strings"
	"testing"

	"linlipay/payment/gateway"
	"linlipay/payment/gateway/gatewaytest"
	"linlipay/payment/merchant"
)

// An account in Alipay's certificate mode is entered, tested and rotated like any other. The institution's roots are
// kept as they were given, those that are not of RSA too, since all of them together make their number.
func TestAnAccountInCertificateMode(t *testing.T) {
	o := newOffice(t)
	settings := o.credentials(gateway.Alipay)
	delete(settings, "alipay_public_key_pem")
	maps.Copy(settings, gatewaytest.Settings(t, o.bank.Credentials().AlipayCertificates))
	service := o.process()
	info, _, err := service.Merchants().AddAccount(t.Context(), entered(gateway.Alipay, settings))
	if err != nil {
		t.Fatal(err)
	}
	o.approve("c", info)
	if got := o.states(service, info.ID); !maps.Equal(got, allWell) {
		t.Errorf("%v", got)
	}
	rotated := merchant.AccountEdit{Name: "物业费", Rotate: true,
		Settings: map[string]string{"alipay_cert_pem": settings["app_cert_pem"]}}
	o.edit("c", info.ID, rotated)
	if got := o.states(service, info.ID); got[merchant.CheckQuery] != merchant.CheckOK {
		t.Errorf("with another certificate in front: %v", got)
	}
	for _, roots := range []string{"no certificate", strings.Replace(settings["alipay_root_cert_pem"], "-----END",
		"-----ENDE", 1)} {
		settings["alipay_root_cert_pem"] = roots
		if _, _, err := service.Merchants().AddAccount(t.Context(), entered(gateway.Alipay, settings)); err == nil ||
			!strings.Contains(err.Error(), "alipay_root_cert_pem") {
			t.Errorf("with %q as roots: %v", roots, err)
		}
	}
}
