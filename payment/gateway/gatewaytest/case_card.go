package gatewaytest

import (
	"maps"
	"strings"
	"testing"
	"time"

	"linlipay/payment/card"
	"linlipay/payment/gateway"
)

func cardTests() []test {
	need := []ability{cards}
	return []test{
		{"a card pays, the device tells it and the institution confirms it", need, cardPays},
		{"a declined card takes nothing and says why", need, cardDeclined},
		{"a device's word about another order or amount is not taken", need, cardOther},
		{"a full card number from a device is refused and not repeated", need, cardSecret},
		{"a card payment is voided on its batch", need, cardVoided},
		{"a card payment is given back by its reference number", []ability{cards, refunds}, cardRefunded},
	}
}

func (s *suite) taker() gateway.CardTaker { return s.Gateway.(gateway.CardTaker) }

// swiped opens an order for a card and has the acquirer's application read one; told is what the device handed back.
func (s *suite) swiped(t *testing.T, declined bool) (o *order, told map[string]string, masked string) {
	t.Helper()
	o = s.open(t, s.ways(bySwipe)[0], 12345)
	if o.prepared.Device == nil {
		t.Fatal("nothing is prepared for the terminal")
	}
	card := s.Institutions.card(t, "credit")
	return o, s.Institutions.present(t, s.Gateway.Institution(), *o.prepared.Device, card.Card, declined), card.Masked
}

// read translates what a device handed back about an order.
func (s *suite) read(t *testing.T, o *order, told map[string]string) gateway.DeviceResult {
	t.Helper()
	r, err := s.taker().ReadResult(s.Account, o.trade(), told)
	if err != nil {
		t.Fatalf("read: %v", err)
	}
	return r
}

func cardPays(t *testing.T, s *suite) {
	o, told, masked := s.swiped(t, false)
	r := s.read(t, o, told)
	if !r.Done || r.Amount != 12345 || r.Card.Masked != masked || r.Card.Type != card.CreditCard ||
		r.Card.ReferenceNo == "" || r.Card.TraceNo == "" {
		t.Fatalf("the device's word is read as %+v; the card is %s", r, masked)
	}
	o.report.Card = r.Card
	confirmed := s.confirmed(t, o)
	s.sound(t, o, confirmed, gateway.TradePaid)
	if got := confirmed.Card.ReferenceNo; got != "" && got != r.Card.ReferenceNo {
		t.Errorf("the device says reference number %s, the institution %s", r.Card.ReferenceNo, got)
	}
}

// confirmed is what the institution says of a card payment, in the way in which it confirms them.
func (s *suite) confirmed(t *testing.T, o *order) gateway.Report {
	t.Helper()
	if s.taker().ConfirmsCards() == gateway.ByQuery {
		r, err := s.Gateway.Query(t.Context(), s.Account, o.trade())
		if err != nil {
			t.Fatal(err)
		}
		return r
	}
	reports, err := s.Gateway.(gateway.CardLister).CardTrades(t.Context(), s.Account, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range reports {
		if r.Card.ReferenceNo == o.report.Card.ReferenceNo && r.State == gateway.TradePaid {
			r.OutTradeNo = o.charge.OutTradeNo // a statement need not carry it
			return r
		}
	}
	t.Fatalf("the statement does not show the payment: %+v", reports)
	return gateway.Report{}
}

func cardDeclined(t *testing.T, s *suite) {
	o, told, _ := s.swiped(t, true)
	if r := s.read(t, o, told); r.Done || r.Message == "" {
		t.Errorf("a declined card is read as %+v", r)
	}
	s.took(t, o, 0, 0)
	if s.taker().ConfirmsCards() == gateway.ByQuery {
		s.want(t, o, gateway.TradeUnpaid, gateway.TradeFailed)
	}
}

func cardOther(t *testing.T, s *suite) {
	o, told, _ := s.swiped(t, false)
	other := s.fresh(s.ways(bySwipe)[0], 12345).trade()
	less := o.trade()
	less.Amount--
	for name, trade := range map[string]gateway.Trade{"order": other, "amount": less} {
		if r, err := s.taker().ReadResult(s.Account, trade, told); kind(t, err) != gateway.Unauthentic {
			t.Errorf("another %s: %+v, %v", name, r, err)
		}
	}
}

func cardSecret(t *testing.T, s *suite) {
	const full = "6222021234567890128" // passes Luhn, with UnionPay's prefix
	o, told, masked := s.swiped(t, false)
	for name, value := range told {
		leaky := maps.Clone(told)
		leaky[name] = strings.ReplaceAll(value, masked, full)
		if leaky[name] == value {
			continue
		}
		if r, err := s.taker().ReadResult(s.Account, o.trade(), leaky); kind(t, err) != gateway.Unauthentic ||
			strings.Contains(err.Error(), full) {
			t.Errorf("a full card number in %s: %+v, %v", name, r, err)
		}
	}
	leaky := maps.Clone(told)
	leaky["track2"] = full + "=30122011234567"
	if r, err := s.taker().ReadResult(s.Account, o.trade(), leaky); kind(t, err) != gateway.Unauthentic ||
		strings.Contains(err.Error(), full) {
		t.Errorf("a track: %+v, %v", r, err)
	}
}

// chargedCard is an order that a card paid, as the device and the institution tell it.
func (s *suite) chargedCard(t *testing.T) *order {
	t.Helper()
	o, told, _ := s.swiped(t, false)
	o.report.Card = s.read(t, o, told).Card
	r := s.confirmed(t, o)
	if r.Card == (card.Card{}) {
		r.Card = o.report.Card
	}
	o.report = r
	return o
}

func cardVoided(t *testing.T, s *suite) {
	o := s.chargedCard(t)
	call, err := s.taker().VoidCall(s.Account, o.trade())
	if err != nil {
		t.Fatal(err)
	}
	if r := s.read(t, o, s.Institutions.present(t, s.Gateway.Institution(), call, "", false)); !r.Done {
		t.Errorf("the void is read as %+v", r)
	}
	s.took(t, o, 12345, 12345)
}

// cardRefunded gives a card payment back after its batch was settled, when no void is possible any more.
func cardRefunded(t *testing.T, s *suite) {
	o := s.chargedCard(t)
	s.Institutions.must(t, "POST", "/batches/settle", map[string]any{"institution": s.Gateway.Institution()}, nil)
	s.giveBack(t, s.back(o, "R01", 345))
	s.took(t, o, 12345, 345)
	if _, err := s.refunder().QueryRefund(t.Context(), s.Account, s.back(o, "R01", 345)); err != nil {
		t.Errorf("query of the refund: %v", err)
	}
}
