package sandbox

import (
	"errors"
	"fmt"
	"sync"
	"time"

	"linlipay/money"
)

// tradeState is the core's word for a trade; each protocol has its own words for it.
type tradeState string

const (
	unpaid   tradeState = "unpaid"
	paid     tradeState = "paid" // also after refunds: GivenBack tells
	closed   tradeState = "closed"
	declined tradeState = "failed"  // a payment code whose wallet lacked the money, or whose payer said no
	revoked  tradeState = "revoked" // 撤销: whatever was paid has gone back
)

// trade is one order at an institution. Its fields are guarded by the bank.
type trade struct {
	ID            string // the wallet's handle
	Institution   string
	Merchant      *merchant
	OutTradeNo    string
	TransactionID string
	Title         string
	Amount        money.Fen
	Kind          string // trade_type, or the Alipay method
	NotifyURL     string
	ReturnURL     string
	Payer         string
	Code          string // text of the institution's QR
	Prepay        string
	Terms         string // what the order was made with; the same number with other terms is an error
	State         tradeState
	PublicKeyMode bool // WeChat: the merchant verifies with the public key, not with the certificate
	Exists        bool // Alipay: false until the payer scans or opens it
	Asking        bool // a payment code whose payer is asked for a password
	GivenBack     money.Fen
	BackAt        time.Time // of the last money given back
	CreatedAt     time.Time
	ExpiresAt     time.Time
	PaidAt        time.Time
	refunds       []*refund // guarded by the bank, in copies too
}

func (t *trade) key() string { return outKey(t.Institution, t.Merchant.ID, t.OutTradeNo) }

// line is a ledger line of the trade, without amounts.
func (t *trade) line(at time.Time) Line {
	return Line{Institution: t.Institution, Merchant: t.Merchant.ID, OutTradeNo: t.OutTradeNo, TransactionID: t.TransactionID, At: at.UTC()}
}

// bank holds all trades, refunds and payment codes of all institutions, and the ledger.
type bank struct {
	mu     sync.Mutex
	now    func() time.Time
	byOut  map[string]*trade // institution/merchant/out_trade_no
	byText map[string]*trade // QR text, prepay id, wallet handle, transaction id
	serial int
	ledger journal[Line]

	asking map[string]*trade // by wallet handle: those whose payer is asked for a password
	codes  map[string]*payCode
	issued []*payCode // in the order they were made

	refunds    map[string]*refund
	refundByID map[string]*refund
	refundLog  journal[refund]
}

func openBank(cfg Config) (*bank, error) {
	b := &bank{
		now: cfg.Now, byOut: map[string]*trade{}, byText: map[string]*trade{}, asking: map[string]*trade{}, codes: map[string]*payCode{},
		refunds: map[string]*refund{}, refundByID: map[string]*refund{},
	}
	return b, errors.Join(b.ledger.open(cfg.Dir, "ledger.jsonl"), b.refundLog.open(cfg.Dir, "refunds.jsonl"))
}

func (b *bank) close() error { return errors.Join(b.ledger.close(), b.refundLog.close()) }

func outKey(institution, merchant, out string) string {
	return institution + "/" + merchant + "/" + out
}

// make returns the merchant's trade of that number, making it from fresh if there is none. made tells which.
func (b *bank) make(fresh trade) (t trade, made bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if t, ok := b.byOut[fresh.key()]; ok {
		b.expire(t)
		return *t, false
	}
	return *b.keep(fresh), true
}

// keep makes a trade known. The bank must be locked.
func (b *bank) keep(fresh trade) *trade {
	b.serial++
	fresh.ID, fresh.State, fresh.CreatedAt = randomHex(8), unpaid, b.now()
	kept := &fresh
	b.byOut[kept.key()] = kept
	for _, text := range []string{kept.ID, kept.Code, kept.Prepay} {
		if text != "" {
			b.byText[text] = kept
		}
	}
	return kept
}

// find returns a copy of the trade that a text names: a wallet handle, a QR's text, a prepay id or a transaction id.
func (b *bank) find(text string) (trade, bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	t, ok := b.byText[text]
	if !ok {
		return trade{}, false
	}
	b.expire(t)
	return *t, true
}

// byNumber returns a copy of a merchant's trade.
func (b *bank) byNumber(institution string, m *merchant, out string) (trade, bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	t, ok := b.byOut[outKey(institution, m.ID, out)]
	if !ok {
		return trade{}, false
	}
	b.expire(t)
	return *t, true
}

// expire closes an unpaid trade whose time is over.
func (b *bank) expire(t *trade) {
	if t.State == unpaid && !t.ExpiresAt.IsZero() && !b.now().Before(t.ExpiresAt) {
		b.settleQuestion(t)
		t.State = closed
	}
}

// show makes the trade exist for its merchant's questions.
func (b *bank) show(id string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.byText[id].Exists = true
}

// shut closes a trade that nothing was paid for and reports the state it found.
func (b *bank) shut(id string) tradeState {
	b.mu.Lock()
	defer b.mu.Unlock()
	t := b.byText[id]
	b.expire(t)
	was := t.State
	if was == unpaid || was == declined {
		b.settleQuestion(t)
		t.State = closed
	}
	return was
}

// pay takes the payer's money: it writes the ledger, durably, and then the trade. late lets a closed trade be paid.
func (b *bank) pay(id, payer string, late bool) (trade, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	t, ok := b.byText[id]
	if !ok {
		return trade{}, fmt.Errorf("there is no payment %s", id)
	}
	b.expire(t)
	switch {
	case t.State == paid:
		return *t, fmt.Errorf("this order has been paid")
	case t.State != unpaid && !(t.State == closed && late):
		return *t, fmt.Errorf("this order is closed or has expired")
	}
	return *t, b.take(t, payer)
}

// take takes the payer's money for a trade. The bank must be locked.
func (b *bank) take(t *trade, payer string) error {
	now := b.now()
	b.serial++
	line := t.line(now)
	line.TransactionID, line.TakenFen, line.Kind = transactionID(t.Institution, now, b.serial), t.Amount, t.Kind
	if err := b.ledger.write(line); err != nil {
		return err
	}
	b.settleQuestion(t)
	t.State, t.Exists, t.PaidAt, t.TransactionID = paid, true, now, line.TransactionID
	if t.Payer == "" {
		t.Payer = payer
	}
	b.byText[t.TransactionID] = t
	return nil
}

// payerOf is the openid under which the one payer of the sandbox is known to a merchant's app.
func payerOf(m *merchant) string { return "o" + m.App[2:12] + "sandboxpayer0001" }

// transactionID makes a number of the institution's length: 28 digits at both.
func transactionID(institution string, now time.Time, serial int) string {
	if institution == "wechat" {
		return fmt.Sprintf("42000%s%015d", now.In(shanghai).Format("20060102"), serial)
	}
	return fmt.Sprintf("%s2200%016d", now.In(shanghai).Format("20060102"), serial)
}

// shanghai is the institutions' zone; China has had no summer time since 1991.
var shanghai = time.FixedZone("Asia/Shanghai", 8*60*60)
