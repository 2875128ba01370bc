package sandbox

import (
	"errors"
	"strconv"
	"time"

	"linlipay/money"
)

// The generic form of a card application on a terminal, for acquirers whose own form is not public.
// docs/institutions/cards.md describes it.

// askedGeneric reads a call in the generic form, and finds the merchant that it names.
func (s *Sandbox) askedGeneric(institution string, fields map[string]string) (cardCall, *merchant, error) {
	fen, err := strconv.ParseInt(fields["amount"], 10, 64)
	action, out := fields["action"], fields["out_trade_no"]
	if err != nil || fen < 1 || out == "" || action != "pay" && action != "void" {
		return cardCall{}, nil, errors.New("action、out_trade_no 或 amount 不正确 (the fields are not of the generic form)")
	}
	m := s.keys.merchantBy(institution, func(m *merchant) bool { return m.ID == fields["merchant_no"] })
	if m == nil {
		return cardCall{}, nil, errors.New("merchant_no 不正确 (there is no such merchant)")
	}
	return cardCall{out, money.Fen(fen), action == "void"}, m, nil
}

// readGeneric plays the application of an institution that speaks the generic form. The institution learns of the
// payment from it alone.
func (s *Sandbox) readGeneric(institution string, in swipe) (map[string]string, error) {
	asked, m, err := s.askedGeneric(institution, in.Fields)
	if err != nil {
		return nil, err
	}
	return s.swiping(institution, asked.OutTradeNo, func() map[string]string {
		if asked.Void {
			return s.voidGeneric(institution, m, in)
		}
		t, _ := s.bank.make(trade{Institution: institution, Merchant: m, OutTradeNo: asked.OutTradeNo, Title: "刷卡消费",
			Amount: asked.AmountFen, Kind: "card", Wallet: BankCard})
		if t.Amount != asked.AmountFen {
			return genericRefusal(in, errNotPayable)
		}
		t, err := s.bank.charge(t.ID, in.Card, genericTerminal(m), in.Declined)
		if err != nil {
			return genericRefusal(in, err)
		}
		return genericSlip(t, *t.Card, t.PaidAt)
	}), nil
}

// genericTerminal is the merchant's one terminal.
func genericTerminal(m *merchant) string { return "T" + m.ID[len(m.ID)-7:] }

func (s *Sandbox) voidGeneric(institution string, m *merchant, in swipe) map[string]string {
	t, ok := s.bank.byNumber(institution, m, in.Fields["out_trade_no"])
	switch {
	case !ok:
		return genericRefusal(in, errNotPaid)
	case in.Declined:
		return genericRefusal(in, errCardDeclined)
	}
	slip, err := s.bank.void(t.ID, genericTerminal(m))
	if err != nil {
		return genericRefusal(in, err)
	}
	return genericSlip(t, slip, s.cfg.Now())
}

func genericRefusal(in swipe, err error) map[string]string {
	return map[string]string{"result": "failed", "out_trade_no": in.Fields["out_trade_no"],
		"amount": in.Fields["amount"], "message": cardWords(err)}
}

func genericSlip(t trade, s Slip, at time.Time) map[string]string {
	return map[string]string{
		"result": "success", "out_trade_no": t.OutTradeNo, "amount": strconv.FormatInt(int64(t.Amount), 10),
		"reference_no": s.ReferenceNo, "batch_no": s.BatchNo,
		"trace_no": s.TraceNo, "auth_code": s.AuthCode, "masked_card": s.Masked, "card_type": s.Type,
		"issuer": s.Issuer, "merchant_no": t.Merchant.ID,
		"terminal_no": s.Terminal, "time": at.In(shanghai).Format("20060102150405"),
	}
}
