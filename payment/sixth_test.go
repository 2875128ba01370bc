package payment_test

import (
	"bytes"
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"linlipay/money"
	"linlipay/payment"
	"linlipay/payment/gateway"
)

// six is a gateway to an institution that the product does not know, as docs/add-an-institution.md says to write one.
type six struct{ url string }

// sixthAnswer is all that the institution ever says, of a payment and of a refund.
type sixthAnswer struct {
	Code, Number, Transaction string // Code: OK, UNKNOWN, PAID, or why not
	Amount                    money.Fen
	State, QR                 string // State: NEW, PAID, SHUT; of a refund BACK
}

func (six) Institution() gateway.Institution { return "sixth" }
func (six) Offers(gateway.Account) []gateway.PaymentMethod {
	return []gateway.PaymentMethod{{Wallet: gateway.WalletUnionPay, Method: gateway.Native}}
}
func (six) Check(a gateway.Account) error { return gateway.NeedSettings(a.Settings, "key") }

// ask puts one signed question. What no signature proves is Indeterminate, whatever it says.
func (g six) ask(ctx context.Context, a gateway.Account, verb, number string, amount money.Fen) (sixthAnswer, error) {
	body, _ := json.Marshal(sixthAnswer{Number: number, Amount: amount})
	req, _ := http.NewRequestWithContext(ctx, "POST", g.url+verb, bytes.NewReader(body))
	req.Header.Set("Sign", sixthSign(a.Settings["key"], body))
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return sixthAnswer{}, gateway.NoAnswer(err)
	}
	raw, _ := gateway.ReadAnswer(res.Body) // what did not come whole is not signed
	return sixthRead(a, res.Header, raw, gateway.Indeterminate)
}

// sixthRead reads what the institution signed; unproven is the kind of what it did not.
func sixthRead(a gateway.Account, h http.Header, raw []byte, unproven gateway.ErrorKind) (sixthAnswer, error) {
	var said sixthAnswer
	if h.Get("Sign") != sixthSign(a.Settings["key"], raw) || json.Unmarshal(raw, &said) != nil {
		return said, &gateway.Error{Kind: unproven, Cause: errors.New("sixth: not signed by it")}
	}
	kinds := map[string]gateway.ErrorKind{"UNKNOWN": gateway.NotFound, "PAID": gateway.AlreadyPaidUpstream}
	if said.Code != "OK" {
		return said, &gateway.Error{Kind: cmp.Or(kinds[said.Code], gateway.Declined), Signed: true, Code: said.Code}
	}
	return said, nil
}

func sixthSign(key string, body []byte) string {
	return fmt.Sprintf("%x", sha256.Sum256([]byte(key+string(body))))
}

func (g six) Open(ctx context.Context, a gateway.Account, c gateway.Charge) (gateway.Prepared, error) {
	said, err := g.ask(ctx, a, "/open", c.OutTradeNo, c.Amount)
	return gateway.Prepared{CodeURL: said.QR}, err
}

func (g six) Query(ctx context.Context, a gateway.Account, t gateway.Trade) (gateway.Report, error) {
	said, err := g.ask(ctx, a, "/query", t.OutTradeNo, 0)
	return said.report(), err
}

func (g six) Close(ctx context.Context, a gateway.Account, t gateway.Trade) error {
	_, err := g.ask(ctx, a, "/close", t.OutTradeNo, 0)
	return err
}

func (s sixthAnswer) report() gateway.Report {
	states := map[string]gateway.TradeState{"NEW": gateway.TradeUnpaid, "PAID": gateway.TradePaid}
	state := cmp.Or(states[s.State], gateway.TradeClosed)
	return gateway.Report{OutTradeNo: s.Number, State: state, TransactionID: s.Transaction, Amount: s.Amount,
		Currency: gateway.CNY, Raw: s.State}
}

func (g six) Verify(_ context.Context, a gateway.Account, m gateway.RawNotification, _ time.Time) (
	gateway.Notification, error) {
	said, err := sixthRead(a, m.Header, m.Body, gateway.Unauthentic)
	return gateway.Notification{Kind: gateway.NotifyTrade, Report: said.report()}, err
}

func (six) Acknowledge(err error) gateway.Acknowledgement {
	return gateway.Acknowledgement{Status: map[bool]int{true: 200, false: 500}[err == nil]}
}

func (g six) Refund(ctx context.Context, a gateway.Account, r gateway.RefundRequest) (gateway.RefundReport, error) {
	said, err := g.ask(ctx, a, "/refund", r.OutRefundNo, r.Amount)
	return gateway.RefundReport{OutRefundNo: r.OutRefundNo, State: gateway.RefundDone, Amount: said.Amount}, err
}

func (g six) QueryRefund(c context.Context, a gateway.Account, r gateway.RefundRequest) (gateway.RefundReport, error) {
	return g.Refund(c, a, r)
}

// TestASixthInstitution pays and refunds at an institution over the wire that no line of the product knows.
func TestASixthInstitution(t *testing.T) {
	known := map[string]*sixthAnswer{}
	server := httptest.NewServer(http.HandlerFunc(func(res http.ResponseWriter, req *http.Request) {
		var asked sixthAnswer
		if _ = json.NewDecoder(req.Body).Decode(&asked); known[asked.Number] == nil {
			state := map[string]string{"/open": "NEW", "/refund": "BACK"}[req.URL.Path]
			known[asked.Number] = &sixthAnswer{"OK", asked.Number, "", asked.Amount, state, "sixth:" + asked.Number}
		}
		out, _ := json.Marshal(known[asked.Number])
		res.Header().Set("Sign", sixthSign("k", out))
		_, _ = res.Write(out)
	}))
	defer server.Close()
	w := newWorld(t)
	account := gateway.Account{ID: "s6", Company: "c", Institution: "sixth", Settings: map[string]string{"key": "k"}}
	pay := w.serviceOf(six{server.URL})
	if err := w.accounts.Add(t.Context(), account, w.now()); err != nil {
		t.Fatal(err)
	}
	qr := payment.NewAttempt{Wallet: gateway.WalletUnionPay, Method: gateway.Native}
	o, no, _, err := pay.Attempt(t.Context(), w.create("b1").ID, qr)
	if err != nil || o.Attempt(no).Prepared.CodeURL == "" {
		t.Fatal(o, err)
	}
	paid := known[o.Attempt(no).OutTradeNo]
	paid.State, paid.Transaction = "PAID", "S-1"
	told, _ := json.Marshal(paid)
	for sign, want := range map[string]int{"": 500, sixthSign("k", told): 200} {
		m := gateway.RawNotification{Header: http.Header{"Sign": {sign}}, Body: told}
		if got := pay.Receive(t.Context(), "sixth", "s6", m); got.Status != want {
			t.Fatalf("signed %q: %d, not %d", sign, got.Status, want)
		}
	}
	refund := payment.NewRefund{Items: []payment.RefundItem{{Ref: "b1", Amount: 40}}, Reason: "多缴", By: "staff:a"}
	if o, no, _, err = pay.RequestRefund(t.Context(), o.ID, refund); err == nil {
		o, err = pay.DecideRefund(t.Context(), o.ID, no, true, "staff:b", "")
	}
	if err != nil || o.Status != payment.Paid || o.Refunded() != 40 || known[o.Refund(no).OutRefundNo].Amount != 40 {
		t.Fatalf("%+v %v", o, err)
	}
}
