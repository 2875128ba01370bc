package sandbox

import (
	"fmt"
	"sync"
	"time"

	"linlipay/money"
)

// tradeState is the core's word for a trade; each protocol has its own words for it.
type tradeState string

const (
	unpaid tradeState = "unpaid"
	paid   tradeState = "paid"
	closed tradeState = "closed"
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
	CreatedAt     time.Time
	ExpiresAt     time.Time
	PaidAt        time.Time
}

// bank holds all trades of all institutions, and the ledger.
type bank struct {
	mu     sync.Mutex
	now    func() time.Time
	byOut  map[string]*trade // institution/merchant/out_trade_no
	byText map[string]*trade // QR text, prepay id, wallet handle, transaction id
	serial int
	ledger ledger
}

func openBank(cfg Config) (*bank, error) {
	b := &bank{now: cfg.Now, byOut: map[string]*trade{}, byText: map[string]*trade{}}
	return b, b.ledger.open(cfg.Dir)
}

// restore makes the paid trades of an earlier run known again, so that a merchant who missed the notification can still ask.
func (b *bank) restore(k *keyring) {
	for _, line := range b.ledger.all() {
		m := k.merchantBy(line.Institution, func(m *merchant) bool { return m.ID == line.Merchant })
		if m == nil {
			continue
		}
		t := &trade{
			ID: randomHex(8), Institution: line.Institution, Merchant: m, OutTradeNo: line.OutTradeNo, TransactionID: line.TransactionID,
			Amount: line.TakenFen, Kind: "NATIVE", State: paid, Exists: true, CreatedAt: line.At, PaidAt: line.At,
		}
		b.byOut[outKey(line.Institution, m.ID, line.OutTradeNo)], b.byText[t.ID], b.byText[t.TransactionID] = t, t, t
		b.serial++
	}
}

func (b *bank) close() error { return b.ledger.close() }

func outKey(institution, merchant, out string) string {
	return institution + "/" + merchant + "/" + out
}

// make returns the merchant's trade of that number, making it from fresh if there is none. made tells which.
func (b *bank) make(fresh trade) (t trade, made bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	key := outKey(fresh.Institution, fresh.Merchant.ID, fresh.OutTradeNo)
	if t, ok := b.byOut[key]; ok {
		b.expire(t)
		return *t, false
	}
	b.serial++
	fresh.ID, fresh.State, fresh.CreatedAt = randomHex(8), unpaid, b.now()
	kept := &fresh
	b.byOut[key] = kept
	for _, text := range []string{kept.ID, kept.Code, kept.Prepay} {
		if text != "" {
			b.byText[text] = kept
		}
	}
	return *kept, true
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
		t.State = closed
	}
}

// show makes the trade exist for its merchant's questions.
func (b *bank) show(id string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.byText[id].Exists = true
}

// shut closes an unpaid trade and reports the state it found.
func (b *bank) shut(id string) tradeState {
	b.mu.Lock()
	defer b.mu.Unlock()
	t := b.byText[id]
	b.expire(t)
	was := t.State
	if was == unpaid {
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
	case t.State == closed && !late:
		return *t, fmt.Errorf("this order is closed or has expired")
	}
	now := b.now()
	b.serial++
	transaction := transactionID(t.Institution, now, b.serial)
	line := Line{Institution: t.Institution, Merchant: t.Merchant.ID, OutTradeNo: t.OutTradeNo, TransactionID: transaction, TakenFen: t.Amount, At: now.UTC()}
	if err := b.ledger.write(line); err != nil {
		return *t, err
	}
	t.State, t.Exists, t.PaidAt, t.TransactionID = paid, true, now, transaction
	if t.Payer == "" {
		t.Payer = payer
	}
	b.byText[transaction] = t
	return *t, nil
}

// transactionID makes a number of the institution's length: 28 digits at both.
func transactionID(institution string, now time.Time, serial int) string {
	if institution == "wechat" {
		return fmt.Sprintf("42000%s%015d", now.In(shanghai).Format("20060102"), serial)
	}
	return fmt.Sprintf("%s2200%016d", now.In(shanghai).Format("20060102"), serial)
}

// shanghai is the institutions' zone; China has had no summer time since 1991.
var shanghai = time.FixedZone("Asia/Shanghai", 8*60*60)
