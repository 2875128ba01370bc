package ruiyinxin

import (
	"cmp"
	"errors"
	"fmt"
	"sync"
	"time"

	"linlipay/money"
	"linlipay/payment/gateway"
)

// asked is what 006 is asked about: a request of ours by its number, and what is known of it by then.
type asked struct {
	number string    // our reqMsgId
	theirs string    // the institution's number of it, by something else that it signed; "" is not known
	amount money.Fen // 0 is not known
}

// asking is what is known of a trade. Its institution's number was told by the answer to the charge, or by an answer
// to 006 that was believed.
func (c *client) asking(t gateway.Trade) asked {
	theirs := cmp.Or(t.UpstreamNo, c.numbers.theirs(t.OutTradeNo))
	if theirs == "" && c.settings.transactionField == transactionField {
		theirs = t.TransactionID
	}
	if !c.numbers.only(theirs, t.OutTradeNo) {
		theirs = ""
	}
	return asked{t.OutTradeNo, theirs, t.Amount}
}

// about checks that an answer to 006 is about what was asked. The envelope's number is not signed, so that it proves
// nothing: whoever can put an answer in another's place can put any number around it. What is signed must name our
// number. In an answer that names none, as one known server's, the institution's own number of the payment stands for
// it, which it signed before: an answer about another payment has another, however old or new it is. Such an answer
// must also say its time, or it could be older than any window, and not another amount.
func (c *client) about(t text, a asked) error {
	switch told := t.get("oriReqMsgId"); {
	case t.contradicts("oriReqMsgId", "totalAmount", "oriRespType"):
		return errors.New("ruiyinxin: the head and data contradict each other")
	case told == a.number:
		return nil
	case told != "":
		return fmt.Errorf("ruiyinxin: asked for %s, answered for %q", a.number, gateway.Cut(told))
	case c.settings.refuseUnnamed:
		return errors.New("ruiyinxin: the answer does not name oriReqMsgId, and the account takes nothing for it")
	case a.theirs == "" || t.head[transactionField] != a.theirs || t.head["respDate"] == "":
		return fmt.Errorf("ruiyinxin: the answer does not name oriReqMsgId, and nothing in it stands for %s", a.number)
	}
	if t.get("totalAmount") == "" || a.amount == 0 {
		return nil
	}
	if told, err := t.amount("totalAmount"); err != nil || told != a.amount {
		return errors.New("ruiyinxin: the answer does not name oriReqMsgId, and its amount is another")
	}
	return nil
}

// pairsKept is for how long it is remembered which of the institution's numbers is whose. Answers to charges are
// believed within minutes (window_minutes) only.
const pairsKept = time.Hour

// pairs remembers which of the institution's numbers an answer to a charge told for which of ours. No such answer
// names ours within what is signed. A number that was told for two orders stands for neither: one answer stood in
// another's place, or the institution gives all the same number.
type pairs struct {
	mu     sync.Mutex
	ours   map[string]string // by theirs; "" is more than one
	byOurs map[string]string
	ages   []age // oldest first
}

type age struct {
	ours, theirs string
	at           time.Time
}

// pair notes that a number of the institution's was told for ours.
func (p *pairs) pair(theirs, ours string, now time.Time) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.forget(now)
	if p.ours == nil {
		p.ours, p.byOurs = map[string]string{}, map[string]string{}
	}
	if was, known := p.ours[theirs]; known {
		if was != ours {
			p.ours[theirs] = ""
		}
		return
	}
	p.ours[theirs], p.byOurs[ours] = ours, theirs
	p.ages = append(p.ages, age{ours, theirs, now})
}

// forget drops the pairs that are older than pairsKept; mu is held.
func (p *pairs) forget(now time.Time) {
	for len(p.ages) > 0 && now.Sub(p.ages[0].at) > pairsKept {
		delete(p.ours, p.ages[0].theirs)
		delete(p.byOurs, p.ages[0].ours)
		p.ages = p.ages[1:]
	}
}

// theirs is the institution's number of one of ours; "" is not known.
func (p *pairs) theirs(ours string) string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.byOurs[ours]
}

// only reports whether a number of the institution's was told for no other than ours.
func (p *pairs) only(theirs, ours string) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	was, known := p.ours[theirs]
	return !known || was == ours
}

// upstream is the institution's number that an answer to a charge tells, or nothing where it has no time, so that it
// may be an old one, or where the number is another order's.
func (c *client) upstream(t text, number string) string {
	theirs := t.head[transactionField]
	if theirs == "" || t.head["respDate"] == "" {
		return ""
	}
	if c.numbers.pair(theirs, number, c.now()); !c.numbers.only(theirs, number) {
		return ""
	}
	return theirs
}
