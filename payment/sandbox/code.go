package sandbox

import (
	"crypto/rand"
	"errors"
	"fmt"
	"math/big"
	"time"

	"linlipay/money"
)

// payCode is a payment code (付款码) that a wallet shows: good for one payment, within a minute.
type payCode struct {
	Text      string
	Wallet    Wallet
	ExpiresAt time.Time
	Balance   *money.Fen // what the wallet holds; nil is enough for anything
	Ask       bool       // the wallet asks for the password whatever the amount
	Spent     bool
}

// What can be wrong with a payment code or the wallet behind it. Each institution has its own words for these.
var (
	errCodeUnknown = errors.New("the payment code is not one of this wallet's")
	errCodeExpired = errors.New("the payment code has expired")
	errCodeSpent   = errors.New("the payment code has been used")
	errBalanceLow  = errors.New("the wallet does not hold that much")
)

// codeKept is how long a code is remembered after it was made, so that an old one is called expired and not unknown.
const codeKept = time.Hour

// passwordAbove is the amount over which both wallets ask for the password.
const passwordAbove = money.Fen(1000_00)

// issue makes a payment code that is valid for a while.
func (b *bank) issue(c payCode, valid time.Duration) payCode {
	b.mu.Lock()
	defer b.mu.Unlock()
	now := b.now()
	for len(b.issued) > 0 && now.Sub(b.issued[0].ExpiresAt) > codeKept {
		delete(b.codes, b.issued[0].Text)
		b.issued = b.issued[1:]
	}
	c.ExpiresAt = now.Add(valid)
	for c.Text == "" || b.codes[c.Text] != nil {
		c.Text = codeText(c.Wallet)
	}
	kept := &c
	b.codes[c.Text], b.issued = kept, append(b.issued, kept)
	return c
}

// codeText is 18 digits that begin with 10 to 15 in WeChat, 16 to 24 digits that begin with 25 to 30 in Alipay, 19 that
// begin with 62 in UnionPay.
func codeText(w Wallet) string {
	switch w {
	case WechatWallet:
		return fmt.Sprintf("%d%016d", 10+randomBelow(6), randomBelow(10_000_000_000_000_000))
	case UnionPay:
		return fmt.Sprintf("62%017d", randomBelow(100_000_000_000_000_000))
	}
	text := fmt.Sprintf("%d%016d%06d", 25+randomBelow(6), randomBelow(10_000_000_000_000_000), randomBelow(1_000_000))
	return text[:16+randomBelow(9)]
}

func randomBelow(n int64) int64 {
	v, err := rand.Int(rand.Reader, big.NewInt(n))
	if err != nil {
		panic("sandbox: no randomness: " + err.Error())
	}
	return v.Int64()
}

// spend takes a code out of use for a trade. The bank must be locked.
func (b *bank) spend(text string, wanted trade) (*payCode, error) {
	c, ok := b.codes[text]
	switch {
	case !ok || !wanted.accepts(c.Wallet):
		return nil, errCodeUnknown
	case c.Spent:
		return nil, errCodeSpent
	case !b.now().Before(c.ExpiresAt):
		return nil, errCodeExpired
	}
	c.Spent = true
	return c, nil
}

// present charges the wallet behind a payment code for a trade. A trade of that number is returned as it is, with fresh
// false, unless again allows a failed one to be tried with another code. The trade comes back paid, asking for the
// password, or failed with errBalanceLow; the errors of a code leave no trade behind.
func (b *bank) present(wanted trade, text string, ask, again bool) (t trade, fresh bool, err error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	old, known := b.byOut[wanted.key()]
	if known {
		b.expire(old)
		if !again || old.State != declined || old.Terms != wanted.Terms {
			return *old, false, nil
		}
	}
	c, err := b.spend(text, wanted)
	if err != nil {
		return trade{}, true, err
	}
	if !known {
		old = b.keep(wanted)
	}
	old.Wallet = c.Wallet
	if c.Balance != nil && *c.Balance < old.Amount {
		old.State = declined
		return *old, true, errBalanceLow
	}
	if ask || c.Ask || old.Amount > passwordAbove {
		old.State, old.Asking = unpaid, true
		b.asking[old.ID] = old
		return *old, true, nil
	}
	if err := b.take(old); err != nil {
		old.State = declined // the code is spent: nothing can be taken under this number any more
		return *old, true, err
	}
	return *old, true, nil
}

// refuse is the payer saying no to a password question; any other trade stays as it is.
func (b *bank) refuse(id string) trade {
	b.mu.Lock()
	defer b.mu.Unlock()
	t := b.byText[id]
	if t.Asking && t.State == unpaid {
		b.settleQuestion(t)
		t.State = declined
	}
	return *t
}

// settleQuestion ends a trade's password question, if there is one. The bank must be locked.
func (b *bank) settleQuestion(t *trade) {
	t.Asking = false
	delete(b.asking, t.ID)
}

// waiting are the trades whose payer is asked for a password.
func (b *bank) waiting() []trade {
	b.mu.Lock()
	defer b.mu.Unlock()
	trades := make([]trade, 0, len(b.asking))
	for _, t := range b.asking {
		if b.expire(t); t.Asking {
			trades = append(trades, *t)
		}
	}
	return trades
}

// reverse undoes a payment by code (撤销): an unpaid trade goes to ends, a paid one gives back whatever it still holds
// and is revoked. It reports the state it found.
func (b *bank) reverse(id string, ends tradeState) (tradeState, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	t := b.byText[id]
	b.expire(t)
	was := t.State
	switch was {
	case unpaid, declined, closed:
		b.settleQuestion(t)
		t.State = ends
	case paid:
		left := t.Amount - b.promised(t)
		line := t.line(b.now())
		line.GivenBackFen = left
		if left > 0 {
			if err := b.ledger.write(line); err != nil {
				return was, err
			}
		}
		t.State, t.GivenBack, t.BackAt = revoked, t.GivenBack+left, b.now()
	}
	return was, nil
}
