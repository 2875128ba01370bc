package gatewaytest

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"linlipay/money"
	"linlipay/payment/gateway"
)

// order is an order at the institution as a case knows it.
type order struct {
	charge   gateway.Charge
	prepared gateway.Prepared
	report   gateway.Report // once it is paid
	handle   string         // the wallet's
}

// trade names the order in questions to the institution, with what is known of it.
func (o *order) trade() gateway.Trade {
	t := gateway.Trade{
		OutTradeNo: o.charge.OutTradeNo, Wallet: o.charge.Wallet, Method: o.charge.Method, Amount: o.charge.Amount,
		UpstreamNo:    o.prepared.UpstreamNo,
		TransactionID: o.report.TransactionID, StatementNo: o.report.StatementNo, Card: o.report.Card,
		CreatedAt: o.charge.CreatedAt, PaidAt: o.report.PaidAt,
	}
	if o.report.Wallet != "" {
		t.Wallet = o.report.Wallet
	}
	return t
}

// fresh is a charge that nobody has asked for yet.
func (s *suite) fresh(w gateway.PaymentMethod, amount money.Fen) *order {
	number := s.number()
	return &order{charge: gateway.Charge{
		OutTradeNo: number, Wallet: w.Wallet, Method: w.Method, Amount: amount, Title: "物业费 " + number,
		Device: "desk-1", ClientIP: "127.0.0.1",
		NotifyURL: s.inbox.address(number), ReturnURL: "http://127.0.0.1:1/back", CreatedAt: time.Now(),
		ExpiresAt: time.Now().Add(10 * time.Minute),
	}}
}

// open asks the institution for an order.
func (s *suite) open(t *testing.T, w gateway.PaymentMethod, amount money.Fen) *order {
	t.Helper()
	o := s.fresh(w, amount)
	if w.Method == gateway.JSAPI {
		o.charge.PayerID = s.payer(t)
	}
	s.reopen(t, o)
	return o
}

// reopen asks again for the same.
func (s *suite) reopen(t *testing.T, o *order) {
	t.Helper()
	var err error
	if o.prepared, err = s.Gateway.Open(t.Context(), s.Account, o.charge); err != nil {
		t.Fatalf("open: %v", err)
	}
	if o.prepared.IsZero() {
		t.Fatal("open prepared nothing")
	}
}

// payer is the payer's id, through the institution's OAuth page as a browser goes there.
func (s *suite) payer(t *testing.T) string {
	t.Helper()
	finder, ok := s.Gateway.(gateway.PayerFinder)
	if !ok {
		t.Fatal("the gateway offers JSAPI, but finds no payers")
	}
	address, err := finder.AuthorizeURL(s.Account, "http://127.0.0.1:1/back", "st4te")
	if err != nil {
		t.Fatal(err)
	}
	browser := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error {
		return http.ErrUseLastResponse
	}}
	resp, err := browser.Get(address)
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	back, err := resp.Location()
	if err != nil || back.Query().Get("state") != "st4te" {
		t.Fatalf("the OAuth page sends the browser to %v, %v", back, err)
	}
	id, err := finder.Payer(t.Context(), s.Account, back.Query().Get("code"))
	if err != nil || id == "" {
		t.Fatalf("the payer is %q, %v", id, err)
	}
	return id
}

// scan has a wallet take what was prepared: the institution's QR, a page's JSAPI parameters, or an address.
func (s *suite) scan(t *testing.T, o *order, wallet gateway.Wallet) {
	t.Helper()
	content := o.prepared.CodeURL
	if content == "" {
		content = o.prepared.RedirectURL
	}
	if o.prepared.JSAPI != nil {
		params, err := json.Marshal(o.prepared.JSAPI)
		if err != nil {
			t.Fatal(err)
		}
		page := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			fmt.Fprintf(w, `<script id="wcpay" type="application/json">%s</script>`, params)
		}))
		t.Cleanup(page.Close)
		content = page.URL
	}
	o.handle = s.Institutions.scan(t, content, wallet)
}

// pay has the payer pay what was prepared.
func (s *suite) pay(t *testing.T, o *order, wallet gateway.Wallet) {
	t.Helper()
	s.scan(t, o, wallet)
	if !s.Institutions.confirm(t, o.handle) {
		t.Fatal("the institution does not take the payer's money")
	}
}

// wallets are those by which a way can be paid.
func wallets(w gateway.PaymentMethod) []gateway.Wallet {
	switch {
	case w.Wallet == gateway.WalletAny:
		return []gateway.Wallet{gateway.WalletWeChat, gateway.WalletAlipay}
	case w.Wallet == "":
		return []gateway.Wallet{gateway.WalletWeChat}
	}
	return []gateway.Wallet{w.Wallet}
}

// paid opens and pays an order by the main way, and has the gateway ask what became of it.
func (s *suite) paid(t *testing.T, amount money.Fen) *order {
	t.Helper()
	return s.paidBy(t, s.main(t), amount)
}

// paidBy opens and pays an order by a way.
func (s *suite) paidBy(t *testing.T, w gateway.PaymentMethod, amount money.Fen) *order {
	t.Helper()
	o := s.open(t, w, amount)
	s.pay(t, o, wallets(w)[0])
	o.report = s.want(t, o, gateway.TradePaid)
	return o
}

// want asks what became of an order and compares the answer with what was asked and, once money moved, with the
// institution's ledger.
func (s *suite) want(t *testing.T, o *order, states ...gateway.TradeState) gateway.Report {
	t.Helper()
	r, err := s.Gateway.Query(t.Context(), s.Account, o.trade())
	if err != nil {
		t.Fatalf("query: %v; want %v", err, states)
	}
	s.sound(t, o, r, states...)
	return r
}

// sound compares what the gateway says of an order with what was asked and with the ledger.
func (s *suite) sound(t *testing.T, o *order, r gateway.Report, states ...gateway.TradeState) {
	t.Helper()
	known := false
	for _, state := range states {
		known = known || r.State == state || state == gateway.TradeClosed && r.Returned == gateway.ReturnedAll
	}
	if !known || r.OutTradeNo != o.charge.OutTradeNo {
		t.Fatalf("got %s of %s; want %v of %s", r.State, r.OutTradeNo, states, o.charge.OutTradeNo)
	}
	if r.State != gateway.TradePaid {
		return
	}
	books := s.Institutions.ledger(t, o.charge.OutTradeNo)
	if r.Amount != o.charge.Amount || books.taken != r.Amount || books.times != 1 || r.Currency != gateway.CNY {
		t.Fatalf("ordered %d fen, told %d fen %s, but the institution %v", o.charge.Amount, r.Amount, r.Currency, books)
	}
	if r.TransactionID == "" || r.TransactionID != books.transactionID {
		t.Errorf("the transaction is %q; the institution's ledger says %q", r.TransactionID, books.transactionID)
	}
	if age := time.Since(r.PaidAt).Abs(); age > time.Minute {
		t.Errorf("paid at %v, which is %v from now", r.PaidAt, age)
	}
	all, list := r.Returned == gateway.ReturnedAll, r.Returned == gateway.ReturnedSome
	if all && books.back != r.Amount || list &&
		(books.back == 0 || r.ReturnedAmount != 0 && r.ReturnedAmount != books.back) {
		t.Errorf("told that %s of it went back (%d fen); the institution %v", r.Returned, r.ReturnedAmount, books)
	}
}

// took checks what the institution's ledger says of an order.
func (s *suite) took(t *testing.T, o *order, taken, back money.Fen) {
	t.Helper()
	books := s.Institutions.ledger(t, o.charge.OutTradeNo)
	if books.taken != taken || books.back != back {
		t.Fatalf("the institution %v; want %d fen taken and %d fen given back", books, taken, back)
	}
}

// kind is the kind of a failure, which every error of a gateway has; "" is none.
func kind(t *testing.T, err error) gateway.ErrorKind {
	t.Helper()
	if err == nil {
		return ""
	}
	failed := failure(t, err)
	switch failed.Kind {
	case gateway.Declined, gateway.Unreachable, gateway.AlreadyPaidUpstream, gateway.AlreadyClosedUpstream,
		gateway.NotFound,
		gateway.TryLater, gateway.Indeterminate, gateway.Unauthentic:
		return failed.Kind
	}
	t.Fatalf("the kind %q of a failure is none of ours: %v", failed.Kind, err)
	return ""
}

// wantKind checks the kind of a signed failure.
func wantKind(t *testing.T, err error, kinds ...gateway.ErrorKind) {
	t.Helper()
	got := kind(t, err)
	for _, k := range kinds {
		if got == k && failure(t, err).Signed {
			return
		}
	}
	t.Fatalf("got %v; want a signed %v", err, kinds)
}

// wantUnproved checks that a failure claims no proof, and its kind if any is named.
func wantUnproved(t *testing.T, err error, kinds ...gateway.ErrorKind) {
	t.Helper()
	got := kind(t, err)
	if err == nil || failure(t, err).Signed {
		t.Fatalf("got %v; want a failure that no signature proves", err)
	}
	for _, k := range kinds {
		if got == k {
			return
		}
	}
	if len(kinds) > 0 {
		t.Fatalf("got %v; want %v", err, kinds)
	}
}

// within is a context that ends soon, for what would not end by itself.
func within(t *testing.T, d time.Duration) context.Context {
	ctx, cancel := context.WithTimeout(t.Context(), d)
	t.Cleanup(cancel)
	return ctx
}
