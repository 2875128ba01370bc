package access

import (
	"slices"

	"linlipay/fault"
	"linlipay/money"
)

// Settings are what a company has settled for itself about its money.
type Settings struct {
	// Unapplied is what becomes of money that its order cannot keep: refund gives it back by itself, prepay keeps it as
	// the unit's prepayment, person waits for finance.
	Unapplied string `json:"unapplied"`
	// RefundLimit is how much of an order may go back without a second person, in fen; 0 is nothing.
	RefundLimit money.Fen `json:"refund_limit"`
	// DeskMinutes is how long an order made at a counter or a terminal can be paid, PhoneMinutes one of the phone.
	DeskMinutes  int `json:"desk_minutes"`
	PhoneMinutes int `json:"phone_minutes"`
	// PartPayments is who may pay a part of a bill.
	PartPayments PartPayments `json:"part_payments,omitempty"`
	// Prepayments is when what was paid ahead pays bills.
	Prepayments PrepaymentUse `json:"prepayments,omitempty"`
	Revision    int64         `json:"revision"`
}

// PartPayments is who may pay a part of a bill (部分缴费) and leave the rest owed.
type PartPayments string

// Who may.
const (
	PartsByNobody    PartPayments = "nobody"
	PartsAtDesk      PartPayments = "desk"      // staff and API clients; "" is this too
	PartsByEverybody PartPayments = "everybody" // and residents on their phones; a terminal takes whole bills
)

// MayPayParts reports whether a caller may pay a part of a bill.
func (s Settings) MayPayParts(c Caller) bool {
	switch c.Kind {
	case StaffKind, ClientKind:
		return s.PartPayments != PartsByNobody
	case ResidentKind:
		return s.PartPayments == PartsByEverybody
	}
	return false
}

// PrepaymentUse is when a prepayment (预存款) pays bills.
type PrepaymentUse string

// When it does.
const (
	PrepaymentsOnRequest PrepaymentUse = "on_request" // when a person asks for it; "" is this too
	PrepaymentsDue       PrepaymentUse = "due"        // and by itself from the day on which a bill is due
)

// DefaultSettings are those of a company that has settled nothing, where the configuration says nothing either.
func DefaultSettings() Settings {
	return Settings{Unapplied: "refund", DeskMinutes: 5, PhoneMinutes: 15, PartPayments: PartsAtDesk,
		Prepayments: PrepaymentsOnRequest}
}

// mostMinutes is the longest that every institution keeps a QR: WeChat Pay's code_url is good for two hours, as its
// Native下单 documents, believed to be the shortest.
const mostMinutes = 120

// mostRefundLimit is the most that one person may give back alone.
const mostRefundLimit = money.Fen(100_000_000) // ¥1,000,000

// check is the Invalid fault of settings that nobody can have.
func (s Settings) check() error {
	wrong := func(field, zh, en string) error { return fault.New(fault.Invalid, zh, en).With("field", field) }
	switch {
	case s.Unapplied != "refund" && s.Unapplied != "prepay" && s.Unapplied != "person":
		return wrong("unapplied", "请选择异常款的处理方式。", "Choose what becomes of unapplied money.")
	case s.RefundLimit < 0 || s.RefundLimit > mostRefundLimit:
		return wrong("refund_limit", "免审批退款额度须为 0 至 100 万元。",
			"What goes back without a second person is between ¥0 and ¥1,000,000.")
	case s.DeskMinutes < 1 || s.DeskMinutes > mostMinutes:
		return wrong("desk_minutes", "前台与终端订单的有效时间须为 1 至 120 分钟。",
			"An order at a counter or a terminal can be paid for 1 to 120 minutes.")
	case s.PhoneMinutes < 1 || s.PhoneMinutes > mostMinutes:
		return wrong("phone_minutes", "手机订单的有效时间须为 1 至 120 分钟。",
			"An order on a phone can be paid for 1 to 120 minutes.")
	case !slices.Contains([]PrepaymentUse{PrepaymentsOnRequest, PrepaymentsDue}, s.Prepayments):
		return wrong("prepayments", "请选择预存款何时抵扣账单。", "Choose when prepayments pay bills.")
	case !slices.Contains([]PartPayments{PartsByNobody, PartsAtDesk, PartsByEverybody}, s.PartPayments):
		return wrong("part_payments", "请选择谁可以部分缴费。", "Choose who may pay a part of a bill.")
	}
	return nil
}
