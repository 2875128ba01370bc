package simulate

import (
	"context"
	"errors"
	"time"

	"linlipay/payment/gateway"
)

// bank is all that the product asks of an institution.
type bank interface {
	gateway.Gateway
	gateway.Refunder
	gateway.CodePayer
	gateway.CardTaker
	gateway.CardLister
}

var _ bank = (*institution)(nil)

// patience is how long the product waits for an answer.
const patience = 8 * time.Second

// errNoAnswer is the cause of a failure that says nothing.
var errNoAnswer = errors.New("no answer")

func unreached() error { return &gateway.Error{Kind: gateway.Unreachable, Cause: errNoAnswer} }

func unknown() error { return &gateway.Error{Kind: gateway.Indeterminate, Cause: errNoAnswer} }

// reach takes a request to the institution and its answer back. What is asked is done even when the process dies while
// the request is under way; when the answer gets lost, nobody learns of it.
func (b *institution) reach(about string, effect func() error) error {
	w := b.w
	w.sched.task.about = orderOf(about)
	w.sched.drift(w.trip())
	switch t := w.sched.task; {
	case t.process != nil && t.life != t.process.life:
		if w.sched.odds(500) {
			_ = effect()
		}
		w.sched.alive(t)
	case w.sched.now < b.down || w.strikes(Unconnected):
		return unreached()
	case w.sched.now < b.silent || w.strikes(TimeoutBefore):
		w.sched.sleep(patience)
		return unknown()
	case w.strikes(Unsigned):
		return &gateway.Error{Kind: gateway.NotFound, Signed: false}
	case w.strikes(Busy):
		if w.sched.odds(300) {
			_ = effect()
		}
		return &gateway.Error{Kind: gateway.TryLater, Signed: true}
	}
	err := effect()
	switch {
	case w.strikes(TimeoutAfter):
		w.sched.sleep(patience)
		return unknown()
	case w.strikes(BadSignature):
		return unknown()
	}
	w.sched.sleep(w.trip())
	return err
}

func (w *world) trip() time.Duration {
	if w.sched.odds(30) {
		return w.sched.between(300*time.Millisecond, 3*time.Second)
	}
	return w.sched.between(20*time.Millisecond, 200*time.Millisecond)
}

// Institution is its name.
func (b *institution) Institution() gateway.Institution { return b.name }

// ways are what each institution takes money by.
var ways = map[gateway.Institution][]gateway.PaymentMethod{
	gateway.WeChat: {
		{Wallet: gateway.WalletWeChat, Method: gateway.JSAPI}, {Wallet: gateway.WalletWeChat, Method: gateway.H5},
		{Wallet: gateway.WalletWeChat, Method: gateway.Native},
		{Wallet: gateway.WalletWeChat, Method: gateway.CodePresented},
	},
	gateway.Alipay: {
		{Wallet: gateway.WalletAlipay, Method: gateway.Wap}, {Wallet: gateway.WalletAlipay, Method: gateway.Native},
		{Wallet: gateway.WalletAlipay, Method: gateway.CodePresented},
	},
	gateway.Lakala: {
		{Wallet: gateway.WalletAlipay, Method: gateway.Native}, {Wallet: gateway.WalletAny, Method: gateway.Native},
		{Wallet: gateway.WalletWeChat, Method: gateway.JSAPI},
		{Wallet: gateway.WalletWeChat, Method: gateway.CodePresented},
		{Wallet: gateway.WalletAlipay, Method: gateway.CodePresented},
		cardWay,
	},
	gateway.Shengpay: {{Wallet: gateway.WalletAny, Method: gateway.Native}, cardWay},
	gateway.Ruiyinxin: {
		{Wallet: gateway.WalletWeChat, Method: gateway.Native}, {Wallet: gateway.WalletAlipay, Method: gateway.Native},
		{Wallet: gateway.WalletWeChat, Method: gateway.CodePresented},
		{Wallet: gateway.WalletAlipay, Method: gateway.CodePresented}, cardWay,
	},
}

var cardWay = gateway.PaymentMethod{Wallet: gateway.WalletCard, Method: gateway.CardPresent}

// Offers is every way in which the people of a simulation pay at the institution.
func (b *institution) Offers(gateway.Account) []gateway.PaymentMethod { return ways[b.name] }

// Check accepts any settings.
func (b *institution) Check(gateway.Account) error { return nil }

// Open makes a trade that the payer can pay. Alipay's page in a browser is only an address, and a card that the
// statement tells of only a call on the device: nobody is asked for them.
func (b *institution) Open(_ context.Context, a gateway.Account, c gateway.Charge) (p gateway.Prepared, err error) {
	if c.Method == gateway.CardPresent {
		call := gateway.GenericCall("app", "activity", gateway.CardPay,
			gateway.Trade{OutTradeNo: c.OutTradeNo, Amount: c.Amount})
		p.Device = &call
		if b.confirms() == gateway.ByStatement {
			b.mischief(b.register(a.ID, c, false))
			return p, nil
		}
	} else {
		p.CodeURL = "qr:" + c.OutTradeNo
	}
	if b.name == gateway.Alipay && c.Method == gateway.Wap {
		b.mischief(b.register(a.ID, c, false))
		return gateway.Prepared{RedirectURL: "page:" + c.OutTradeNo}, nil
	}
	err = b.reach(c.OutTradeNo, func() error {
		if b.w.strikes(Refusal) {
			return refused("PARAM_ERROR", "")
		}
		b.mischief(b.register(a.ID, c, b.name != gateway.Alipay))
		return nil
	})
	return p, err
}

// Query tells what became of a trade.
func (b *institution) Query(_ context.Context, _ gateway.Account, of gateway.Trade) (r gateway.Report, err error) {
	err = b.reach(of.OutTradeNo, func() error {
		t := b.find(of.OutTradeNo)
		if t == nil {
			return absent()
		}
		r = b.read(t.report())
		return nil
	})
	return r, err
}

// Close ends a trade.
func (b *institution) Close(_ context.Context, _ gateway.Account, of gateway.Trade) error {
	return b.reach(of.OutTradeNo, func() error {
		t := b.find(of.OutTradeNo)
		if t == nil {
			return absent()
		}
		if t.payable() && b.w.strikes(Faster) {
			t.take()
		}
		switch t.state {
		case gateway.TradePaid:
			return &gateway.Error{Kind: gateway.AlreadyPaidUpstream, Signed: true}
		case gateway.TradeUnpaid:
			t.end()
		}
		return nil
	})
}

// PayCode charges a payment code. Its payer may have to enter a password, and takes any time for it.
func (b *institution) PayCode(_ context.Context, a gateway.Account, c gateway.Charge) (r gateway.Report, err error) {
	err = b.reach(c.OutTradeNo, func() error {
		w := b.w
		if w.strikes(Declined) {
			return refused("AUTH_CODE", one(w.sched, gateway.CodeExpired, gateway.CodeInvalid, gateway.BalanceLow))
		}
		t := b.register(a.ID, c, true)
		if w.strikes(Asking) {
			b.askPayer(t)
		} else if t.payable() {
			t.take()
		}
		r = b.read(t.report())
		return nil
	})
	return r, err
}

// askPayer has the payer enter a password, say no, or do nothing.
func (b *institution) askPayer(t *trade) {
	w := b.w
	w.sched.after(w.sched.between(2*time.Second, 70*time.Second), func() {
		switch n := w.sched.dice.IntN(10); {
		case !t.payable():
		case n < 6:
			t.take()
		case n < 8 && b.name != gateway.Alipay:
			t.state = gateway.TradeFailed
		case n < 8:
			t.state = gateway.TradeClosed
		}
	})
}

// Reverse undoes a charge by payment code.
func (b *institution) Reverse(_ context.Context, _ gateway.Account, of gateway.Trade) error {
	return b.reach(of.OutTradeNo, func() error {
		t := b.find(of.OutTradeNo)
		switch {
		case t == nil && b.name != gateway.Alipay:
			return absent()
		case t == nil, t.revoked:
			return nil
		case b.name == gateway.WeChat && b.w.sched.now-t.created < 15*time.Second, len(t.refunds) > 0:
			return refused("INVALID_REQUEST", "")
		}
		if t.payable() && b.w.strikes(Faster) {
			t.take()
		}
		if t.state == gateway.TradePaid && b.w.strikes(MerchantLow) {
			return refused("NOT_ENOUGH", gateway.MerchantBalance)
		}
		t.revoke()
		return nil
	})
}

// Refund gives money back.
func (b *institution) Refund(_ context.Context, _ gateway.Account, req gateway.RefundRequest) (rep gateway.RefundReport,
	err error) {
	err = b.reach(req.OutRefundNo, func() error {
		r, err := b.giveBack(b.known(req.Trade.OutTradeNo, req.Trade.TransactionID), req)
		if err == nil {
			rep = r.report()
		}
		return err
	})
	return rep, err
}

// QueryRefund tells what became of a refund. Alipay admits to one only when it is done.
func (b *institution) QueryRefund(_ context.Context, _ gateway.Account,
	req gateway.RefundRequest) (rep gateway.RefundReport, err error) {
	err = b.reach(req.OutRefundNo, func() error {
		r := b.refunds[req.OutRefundNo]
		if r == nil || r.void != req.Void || r.void && b.name != gateway.Lakala || b.name == gateway.Alipay &&
			r.state == gateway.RefundProcessing {
			return absent()
		}
		rep = r.report()
		return nil
	})
	return rep, err
}
