package sandbox

import (
	"net/http"
	"slices"
	"time"
)

// Wallet is what the payer pays with, whichever institution takes the money.
type Wallet string

// The wallets.
const (
	WechatWallet Wallet = "wechat"
	AlipayWallet Wallet = "alipay"
	UnionPay     Wallet = "unionpay" // 云闪付
	BankCard     Wallet = "card"     // a card in a terminal; it scans nothing
)

// wallets are those that scan and show codes.
func wallets() []Wallet { return []Wallet{WechatWallet, AlipayWallet, UnionPay} }

// institution is one institution as the core knows it; ServeHTTP is its protocol.
type institution interface {
	http.Handler
	traits() traits
	// enrol gives the n-th merchant, from 1, its numbers; its key and secret are there.
	enrol(m *merchant, n int)
	// credentials fills in the institution's section.
	credentials(m *merchant, into *Credentials)
	// notifyPaid tells the merchant of a paid trade, if the protocol and the trade have an address for it.
	notifyPaid(t trade)
	// notifyRefund tells the merchant how a refund ended.
	notifyRefund(t trade, r refund)
}

// traits are what tells an institution from another where the core does the work.
type traits struct {
	name      string
	addr      string   // of its listener
	keys      []string // names of its own keys; see keyring.own
	certified string   // which of them has a certificate; "" is none
	// whose money it takes; the first is what a ledger line without a wallet means
	wallets       []Wallet
	transactionID func(now time.Time, serial int) string // the number of a payment
	refundID      func(now time.Time, serial int) string // the number of a refund
	alias         func(transactionID string) string      // another text by which a payment is found; nil is none
	// a refund's number is unique for the trade only, not for the merchant
	refundsPerTrade bool
	refundsLater    bool            // a refund is accepted first and carried out afterwards
	refundEnds      []refundState   // how a refund on its way can end
	schedule        []time.Duration // pauses between a notification's deliveries, in schedule seconds
}

// institutions are all of them. WeChat Pay is the first: the acquirers' merchants use the app of the WeChat merchant of
// the same place.
func (s *Sandbox) institutions() []institution {
	return []institution{&wechat{s}, &alipay{s}, &lakala{s}, &shengpay{s}, &ruiyinxin{s}}
}

// house is the institution of a name.
func (s *Sandbox) house(name string) institution {
	institutions := s.institutions()
	return institutions[slices.IndexFunc(institutions, func(i institution) bool { return i.traits().name == name })]
}

// traitsByName is what the bank and the keyring must know of the institutions.
func traitsByName(institutions []institution) map[string]traits {
	byName := make(map[string]traits, len(institutions))
	for _, i := range institutions {
		byName[i.traits().name] = i.traits()
	}
	return byName
}
