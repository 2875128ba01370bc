// Package card is what may be kept of a bank card (刷卡): which payment it is of, never a full number, a track or a PIN;
// and how such a secret is known in a text, so that it is refused or masked. It imports nothing of the module.
package card

// Card is what identifies a card payment, between us, the acquirer and the bank. A full card number, a track or a PIN
// is nowhere in it.
type Card struct {
	ReferenceNo string   `json:"reference_no,omitempty"` // 参考号 (RRN): 12 characters
	BatchNo     string   `json:"batch_no,omitempty"`     // 批次号: 6 digits
	TraceNo     string   `json:"trace_no,omitempty"`     // 流水号, 凭证号: 6 digits
	AuthCode    string   `json:"auth_code,omitempty"`    // 授权码 of the issuer: 6 characters
	Masked      string   `json:"masked,omitempty"`       // 6 first and 4 last digits, which PCI DSS lets be seen
	Type        CardType `json:"type,omitempty"`
	Issuer      string   `json:"issuer,omitempty"`   // 发卡行
	Merchant    string   `json:"merchant,omitempty"` // the acquirer's 商户号
	Terminal    string   `json:"terminal,omitempty"` // the acquirer's 终端号
}

// CardType is the kind of a card.
type CardType string

// The card types, by UnionPay's codes 00 to 03.
const (
	DebitCard      CardType = "debit"       // 00 借记卡
	CreditCard     CardType = "credit"      // 01 贷记卡
	SemiCreditCard CardType = "semi_credit" // 02 准贷记卡
	PrepaidCard    CardType = "prepaid"     // 03 预付卡
)

// Key identifies a card payment where its number is not told: by the reference number, else by terminal, batch and
// trace.
func (c Card) Key() string {
	if c.ReferenceNo != "" {
		return c.ReferenceNo
	}
	if c.BatchNo == "" || c.TraceNo == "" {
		return ""
	}
	return c.Terminal + "/" + c.BatchNo + "/" + c.TraceNo
}

// Same reports whether two cards may be of one payment, as far as they tell.
func (c Card) Same(other Card) bool {
	if c.ReferenceNo != "" && other.ReferenceNo != "" {
		return c.ReferenceNo == other.ReferenceNo
	}
	return c.TraceNo == "" || other.TraceNo == "" || c.BatchNo == other.BatchNo && c.TraceNo == other.TraceNo
}

// Surely says how surely two cards are of one payment: 2 by the reference number, 1 by batch and trace, 0 is that they
// do not tell, or are of two.
func (c Card) Surely(other Card) int {
	switch {
	case !c.Same(other):
	case c.ReferenceNo != "" && other.ReferenceNo != "":
		return 2
	case c.TraceNo != "" && other.TraceNo != "":
		return 1
	}
	return 0
}

// With fills in what another source tells of the payment. Where that is of another payment, such as the true one after
// a device's lie, nothing of the first stays.
func (c Card) With(other Card) Card {
	if !c.Same(other) {
		return other
	}
	for _, f := range []struct {
		into *string
		from string
	}{
		{&c.ReferenceNo, other.ReferenceNo}, {&c.BatchNo, other.BatchNo}, {&c.TraceNo, other.TraceNo},
		{&c.AuthCode, other.AuthCode}, {&c.Masked, other.Masked},
		{(*string)(&c.Type), string(other.Type)}, {&c.Issuer, other.Issuer}, {&c.Merchant, other.Merchant},
		{&c.Terminal, other.Terminal},
	} {
		if f.from != "" {
			*f.into = f.from
		}
	}
	return c
}

// UnionPayCardType reads UnionPay's code of a card's type, 00 to 03; "" is any other.
func UnionPayCardType(code string) CardType {
	switch code {
	case "00":
		return DebitCard
	case "01":
		return CreditCard
	case "02":
		return SemiCreditCard
	case "03":
		return PrepaidCard
	}
	return ""
}
