package sandbox

import (
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"linlipay/money"
)

// tradeState is the core's word for a trade; each protocol has its own words for it.
type tradeState string

const (
	unpaid   tradeState = "unpaid"
	paid     tradeState = "paid" // also after refunds: Refund tells
	closed   tradeState = "closed"
	declined tradeState = "failed"  // a payment code whose wallet lacked the money, or whose payer said no
	revoked  tradeState = "revoked" // 撤销: whatever was paid has gone back
)

// trade is one order at an institution. Its fields are guarded by the bank.
type trade struct {
	ID            string // the wallet's handle
	Institution   string
	Wallet        Wallet   // what it is paid with; "" until the payer chooses one of Wallets
	Wallets       []Wallet // those that may pay, where there is a choice
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
	OrderNo       string // the institution's number of the order, where it is not the payment's
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
	Card          *Slip     // of a card payment
	Void          *Slip     // of its undoing
	card          *card     // nil after a restart
	refunds       []*refund // guarded by the bank, in copies too
}

func (t *trade) key() string { return outKey(t.Institution, t.Merchant.ID, t.OutTradeNo) }

// line is a ledger line of the trade, without amounts.
func (t *trade) line(at time.Time) Line {
	return Line{
		Institution: t.Institution, Wallet: t.Wallet, Merchant: t.Merchant.ID, OutTradeNo: t.OutTradeNo,
		TransactionID: t.TransactionID, Card: t.Card,
		At: at.UTC(),
	}
}

// accepts tells whether a wallet may pay the trade.
func (t *trade) accepts(w Wallet) bool { return t.Wallet == w || slices.Contains(t.Wallets, w) }

// bank holds all trades, refunds and payment codes of all institutions, and the ledger.
type bank struct {
	mu     sync.Mutex
	now    func() time.Time
	houses map[string]traits
	byOut  map[string]*trade // institution/merchant/out_trade_no
	byText map[string]*trade // QR text, prepay id, wallet handle, transaction id
	serial int
	ledger journal[Line]

	asking map[string]*trade // by wallet handle: those whose payer is asked for a password
	codes  map[string]*payCode
	issued []*payCode // in the order they were made

	cards   map[string]*card  // by handle
	batches map[string]*batch // by institution, merchant and terminal

	refunds    map[string]*refund
	refundByID map[string]*refund
	refundLog  journal[refund]
}

func openBank(cfg Config, institutions []institution) (*bank, error) {
	b := &bank{
		now: cfg.Now, houses: traitsByName(institutions), byOut: map[string]*trade{}, byText: map[string]*trade{},
		asking: map[string]*trade{}, codes: map[string]*payCode{},
		cards: map[string]*card{}, batches: map[string]*batch{}, refunds: map[string]*refund{},
		refundByID: map[string]*refund{},
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
	for _, text := range []string{kept.ID, kept.Code, kept.Prepay, kept.OrderNo} {
		if text != "" {
			b.byText[text] = kept
		}
	}
	b.index(kept)
	return kept
}

// index makes a trade found by the number of its payment, once it has one. The bank must be locked.
func (b *bank) index(t *trade) {
	if t.TransactionID == "" {
		return
	}
	b.byText[t.TransactionID] = t
	if alias := b.houses[t.Institution].alias; alias != nil {
		b.byText[alias(t.TransactionID)] = t
	}
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

// choose is a payer looking at a trade with a wallet, which it is then paid with.
func (b *bank) choose(id string, w Wallet) (trade, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	t := b.byText[id]
	if !t.accepts(w) {
		return *t, errors.New("请使用另一个钱包扫码 (this QR belongs to another wallet)")
	}
	if t.State == unpaid {
		t.Wallet = w
	}
	t.Exists = true
	return *t, nil
}

// number is a fresh number of a payment, for an institution that has one before the payment.
func (b *bank) number(institution string) string {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.serial++
	return b.houses[institution].transactionID(b.now(), b.serial)
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
func (b *bank) pay(id string, late bool) (trade, error) {
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
	if t.Wallet == "" {
		t.Wallet = t.Wallets[0] // opened in no wallet: a browser's choice
	}
	return *t, b.take(t)
}

// take takes the payer's money for a trade. The bank must be locked.
func (b *bank) take(t *trade) error {
	now := b.now()
	b.serial++
	line := t.line(now)
	line.TakenFen, line.Kind, line.OrderNo = t.Amount, t.Kind, t.OrderNo
	if line.TransactionID == "" {
		line.TransactionID = b.houses[t.Institution].transactionID(now, b.serial)
	}
	if err := b.ledger.write(line); err != nil {
		return err
	}
	b.settleQuestion(t)
	t.State, t.Exists, t.PaidAt, t.TransactionID = paid, true, now, line.TransactionID
	if t.Payer == "" {
		t.Payer = payerOf(t.Merchant, t.Wallet)
	}
	b.index(t)
	return nil
}

// payerOf is how the one payer of the sandbox is known: in WeChat by an openid of the merchant's app, in Alipay by the
// 2088 number.
func payerOf(m *merchant, w Wallet) string {
	switch w {
	case WechatWallet:
		return "o" + m.wechat.App[2:12] + "sandboxpayer0001"
	case AlipayWallet:
		return "2088000000000001"
	}
	return ""
}

// shanghai is the institutions' zone; China has had no summer time since 1991.
var shanghai = time.FixedZone("Asia/Shanghai", 8*60*60)
