package shengpay

import (
	"testing"

	"linlipay/payment/card"
	"linlipay/payment/gateway"
)

func FuzzReadBill(f *testing.F) {
	const titles = "商户号,交易时间,交易类型,参考号,卡号,交易金额\n"
	for _, s := range []string{
		titles + "93751497,2026-11-24 12:01:02,消费,123456789012,622202******0006,1.00\n",
		titles + `93751497,20261124120102,撤销,"1""2",,-1.00` + "\n",
		titles + "93751497,2026-11-24 12:01:02,消费,1,6222020200000000006,1.00\n", titles + "\"\n", titles, "", "\ufeff",
		"\xff",
	} {
		f.Add(s)
	}
	c := &client{settings: settings{mchID: "93751497"}}
	if err := c.settings.bill.read(nil); err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, s string) {
		reports, err := c.readBill([]byte(s))
		if err != nil && reports != nil {
			t.Fatalf("%q failed with lines", s)
		}
		for _, r := range reports {
			known := r.State == gateway.TradePaid && r.Raw == "消费" || r.State == gateway.TradeClosed
			if !known || r.Amount <= 0 || r.PaidAt.IsZero() || r.Merchant != "93751497" ||
				card.HasCardNumber(r.Card.Masked) {
				t.Fatalf("%q is read as %+v", s, r)
			}
		}
	})
}
