package billing

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"linlipay/approval"
	"linlipay/money"
)

// PayoutMethod is how the money of a payout reaches its payee.
type PayoutMethod string

// The methods.
const (
	BankTransfer PayoutMethod = "bank_transfer" // 银行转账
	CashInHand   PayoutMethod = "cash"          // 现金

	// Of a deposit, with the consent of whoever paid it: no money leaves, and what is approved is done.
	Deduction    PayoutMethod = "deduction"  // 扣款: the company keeps it
	AsPrepayment PayoutMethod = "prepayment" // 转预存: it becomes a prepayment of whose deposit it is
)

// PayoutMethods lists all of them.
func PayoutMethods() []PayoutMethod {
	return []PayoutMethod{BankTransfer, CashInHand, Deduction, AsPrepayment}
}

// stays reports whether no money leaves the company by the method.
func (m PayoutMethod) stays() bool { return m == Deduction || m == AsPrepayment }

// PayoutStatus is where a payout stands.
type PayoutStatus string

// The statuses of a payout. Four of them are those of its request.
const (
	PayoutRequested PayoutStatus = "requested" // 待审批: another person must decide
	PayoutApproved  PayoutStatus = "approved"  // 待付款: somebody must pay it
	PayoutRefused   PayoutStatus = "refused"   // 已驳回: final
	PayoutWithdrawn PayoutStatus = "withdrawn" // 已撤回: final
	PayoutPaid      PayoutStatus = "paid"      // 已付款: whoever was to get it has it; final
	PayoutCancelled PayoutStatus = "cancelled" // 已取消: it was approved, and is not paid; final
)

// PayoutStatuses lists all of them.
func PayoutStatuses() []PayoutStatus {
	return []PayoutStatus{PayoutRequested, PayoutApproved, PayoutPaid, PayoutCancelled, PayoutRefused, PayoutWithdrawn}
}

// Payout (退付) is money of a prepayment that goes to a named payee by bank transfer or in cash. It is there for what no
// refund takes back to whoever paid, since the order is too old for its institution or could not keep the money;
// whether that is so, people judge. One person asks for it, another approves it, and whoever pays it says so. It is
// set aside from the request on. Of a deposit it may also be what the payer leaves to the company: see PayoutMethod.
type Payout struct {
	approval.Request
	Amount  money.Fen    `json:"amount"` // in fen
	Method  PayoutMethod `json:"method"`
	Payee   string       `json:"payee,omitempty"`   // the name of whoever gets it, where money leaves
	Bank    string       `json:"bank,omitempty"`    // BankTransfer: 开户行
	Account string       `json:"account,omitempty"` // BankTransfer: the number of the payee's account, digits alone

	Fee     string `json:"fee,omitempty"`     // Deduction: what the company keeps it for, such as "装修损坏赔偿"
	Consent string `json:"consent,omitempty"` // how the payer agreed, such as the number of what they signed
	Moving  bool   `json:"moving,omitempty"`  // AsPrepayment, approved: the prepayment does not say the same yet
	// AsPrepayment: what of it came back, since an institution gave back by itself what the deposit came by
	GivenBack []Reopening `json:"given_back,omitempty"`

	PaidAt time.Time `json:"paid_at,omitzero"` // or when it was approved, where no money leaves
	PaidBy string    `json:"paid_by,omitempty"`
	// the bank's number of the transfer (回单号), or of the signed slip
	Reference string `json:"reference,omitempty"`

	CancelledAt time.Time `json:"cancelled_at,omitzero"`
	CancelledBy string    `json:"cancelled_by,omitempty"`
	WhyNot      string    `json:"why_not,omitempty"` // why it is not paid

	Key     string `json:"key"` // scope and Idempotency-Key of who asked
	KeyHash string `json:"key_hash"`
}

// PayoutMatter is who asks for a payout, and who decides it. A request waits until it is decided or withdrawn: what is
// set aside for it frees itself by no clock.
func PayoutMatter() approval.Matter {
	return approval.Matter{
		ZH: "预存款及押金退付", EN: "payout of a prepayment or a deposit",
		Asks: []string{"cashier", "finance"}, Decides: []string{"finance"},
	}
}

// OverPayout is what a company's table of authority calls payouts.
const OverPayout = "payout"

// payouts is the most that were asked for of one prepayment. Ours: it stays one small document.
const payouts = 100

// Status is where the payout stands.
func (o *Payout) Status() PayoutStatus {
	switch {
	case !o.PaidAt.IsZero():
		return PayoutPaid
	case !o.CancelledAt.IsZero():
		return PayoutCancelled
	case o.State == approval.Approved:
		return PayoutApproved
	case o.State == approval.Refused:
		return PayoutRefused
	case o.State == approval.Requested:
		return PayoutRequested
	}
	return PayoutWithdrawn
}

// withholds reports whether money is set aside for the payout.
func (o *Payout) withholds() bool {
	return o.Status() == PayoutRequested || o.Status() == PayoutApproved
}

// Payout returns the payout with the id of its request, or nil.
func (p *Prepayment) Payout(request string) *Payout {
	i := slices.IndexFunc(p.Payouts, func(o Payout) bool { return o.ID == request })
	if i < 0 {
		return nil
	}
	return &p.Payouts[i]
}

// asked is the request for the last payout, nil where there is none.
func (p *Prepayment) asked() *approval.Request {
	if len(p.Payouts) == 0 {
		return nil
	}
	return &p.Payouts[len(p.Payouts)-1].Request
}

// PaidOut is what payees were paid, the company keeps and became a prepayment, in fen.
func (p *Prepayment) PaidOut() (sum money.Fen) {
	for i := range p.Payouts {
		if o := &p.Payouts[i]; o.Status() == PayoutPaid {
			sum += o.Amount - sumOf(o.GivenBack) // bounded by what came in
		}
	}
	return sum
}

// PayoutCase is what a payout decides over, for whoever says who may: it, and those of the prepayment that were
// approved before and not cancelled.
func (p *Prepayment) PayoutCase(o *Payout) approval.Case {
	amount := o.Amount
	for i := range p.Payouts {
		if before := &p.Payouts[i]; before.ID != o.ID && before.State == approval.Approved &&
			before.Status() != PayoutCancelled {
			amount += before.Amount // bounded by what came in
		}
	}
	return approval.Case{Matter: PayoutMatter(), Kind: OverPayout, Company: p.Company, Community: p.Community,
		Amount: amount, Signatures: o.Signatures}
}

// byPayout is the index of the prepayments with payouts, by company and by the states of those.
const byPayout = "by_payout"

// payoutKeys are the values of byPayout.
func (p *Prepayment) payoutKeys() (keys []any) {
	for i := range p.Payouts {
		if key := payoutKey(p.Company, p.Payouts[i].Status()); !slices.Contains(keys, key) {
			keys = append(keys, key)
		}
	}
	return keys
}

func payoutKey(company string, s PayoutStatus) any { return company + "/" + string(s) }

// payoutEntry is what the journal is told of a payout that was paid.
func (p *Prepayment) payoutEntry(o *Payout) Entry {
	kind := PrepaymentPaidOut
	switch {
	case o.Method == Deduction:
		kind = DepositDeducted
	case o.Method == AsPrepayment:
		kind = DepositMoved
	case p.Deposit != nil:
		kind = DepositPaidOut
	}
	return Entry{ID: fmt.Sprintf("%s/payout/%s", p.ID, o.ID), Kind: kind, Amount: o.Amount, Prepayment: p.ID,
		Fee: o.Fee, Company: p.Company, Community: p.Community, Entity: p.Entity, Unit: p.Unit}.on(o.PaidAt)
}

// returnEntry is what the journal is told of what of a payout came back.
func (p *Prepayment) returnEntry(o *Payout, g Reopening) Entry {
	e := p.payoutEntry(o)
	e.ID, e.Kind, e.Amount = e.ID+"/"+g.Refund, DepositMovedBack, g.Amount
	return e.on(g.At)
}

// accountNumber is a bank account's number, without the spaces and dashes that people group it by. The cards of Chinese
// banks have 16 to 19 digits, accounts of companies fewer or more; no rule covers them all.
var accountNumber = regexp.MustCompile(`^[0-9]{8,32}$`)

// Lengths of what is said of a payee, in characters. Ours; a bank's form has room for as many.
const (
	payeeLength     = 40
	bankLength      = 60
	referenceLength = 64
	consentLength   = 100
)

// checked is the payout that is asked for, written as it is kept, or the Invalid fault of what is missing or wrong.
func (n NewPayout) checked() (*Payout, error) {
	o := &Payout{Amount: n.Amount, Method: n.Method, Payee: strings.TrimSpace(n.Payee),
		Bank:    strings.TrimSpace(n.Bank),
		Account: strings.NewReplacer(" ", "", "-", "", "\u3000", "").Replace(n.Account),
		Fee:     strings.TrimSpace(n.Fee), Consent: strings.TrimSpace(n.Consent),
		Key: n.Key, KeyHash: n.KeyHash}
	leaves, transfer := !n.Method.stays(), n.Method == BankTransfer
	switch {
	case !slices.Contains(PayoutMethods(), n.Method):
		return nil, wrong("method", "请选择银行转账或现金；押金也可扣款或转预存款。",
			"Choose a bank transfer or cash; a deposit may also be deducted from, or become a prepayment.")
	case n.Amount <= 0:
		return nil, wrong("amount", "金额须大于 0。", "The amount is more than 0.")
	case leaves && (o.Payee == "" || length(o.Payee) > payeeLength):
		return nil, wrong("payee", "请填写收款人姓名，最多 40 个字。", "Name the payee, in 40 characters at most.")
	case strings.TrimSpace(n.Reason) == "":
		return nil, wrong("reason", "请填写退付原因。", "Say why the money is paid out.")
	case transfer && (o.Bank == "" || length(o.Bank) > bankLength):
		return nil, wrong("bank", "请填写开户行，最多 60 个字。", "Name the bank, in 60 characters at most.")
	case transfer && !accountNumber.MatchString(o.Account):
		return nil, wrong("account", "收款账号须为 8 至 32 位数字。", "An account number is 8 to 32 digits.")
	case !leaves && o.Payee != "":
		return nil, wrong("payee", "扣款和转预存款不填收款人。", "Nobody is paid what stays with the company.")
	case !transfer && o.Bank != "":
		return nil, wrong("bank", "只有银行转账填写开户行。", "Only a transfer goes to a bank.")
	case !transfer && o.Account != "":
		return nil, wrong("account", "只有银行转账填写账号。", "Only a transfer goes to an account.")
	case n.Method == Deduction && (o.Fee == "" || length(o.Fee) > titleLength):
		return nil, wrong("fee", "请填写扣款项目，最多 40 个字。", "Say what it is deducted for, in 40 characters at most.")
	case n.Method != Deduction && o.Fee != "":
		return nil, wrong("fee", "只有扣款填写扣款项目。", "Only a deduction is for something.")
	case !leaves && (o.Consent == "" || length(o.Consent) > consentLength):
		return nil, wrong("consent", "请填写缴款人的同意依据，如签字确认单编号，最多 100 个字。",
			"Say how the payer agreed, such as the number of what they signed, in 100 characters at most.")
	case leaves && o.Consent != "":
		return nil, wrong("consent", "只有扣款和转预存款填写同意依据。",
			"Only what stays with the company needs the payer's consent.")
	}
	return o, nil
}
