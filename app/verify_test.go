package app

import (
	"bytes"
	"context"
	"encoding/json"
	"log/slog"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"linlipay/billing"
	"linlipay/payment"
	"linlipay/payment/gateway"
	"linlipay/payment/merchant"
	"linlipay/property"
	"linlipay/seal"
	"linlipay/sqlite"
	"linlipay/workbook"
)

// teller is an institution that took money which we never asked for, and says of it whatever its message says.
type teller struct{}

func (teller) Institution() gateway.Institution                            { return gateway.WeChat }
func (teller) Check(gateway.Account) error                                 { return nil }
func (teller) Settings() []gateway.Setting                                 { return nil }
func (teller) Offers(gateway.Account) []gateway.PaymentMethod              { return nil }
func (teller) Close(context.Context, gateway.Account, gateway.Trade) error { return nil }
func (teller) Acknowledge(error) gateway.Acknowledgement {
	return gateway.Acknowledgement{Status: http.StatusOK}
}
func (teller) Open(context.Context, gateway.Account, gateway.Charge) (gateway.Prepared, error) {
	return gateway.Prepared{}, nil
}

func (teller) Query(_ context.Context, _ gateway.Account, of gateway.Trade) (gateway.Report, error) {
	return gateway.Report{
		OutTradeNo: of.OutTradeNo, TransactionID: "T" + of.OutTradeNo, State: gateway.TradePaid, Amount: 100,
		Currency: gateway.CNY, Returned: gateway.ReturnedSome, Raw: "REFUND",
	}, nil
}

func (g teller) Verify(ctx context.Context, a gateway.Account, m gateway.RawNotification,
	_ time.Time) (gateway.Notification,
	error) {
	var out string
	if err := json.Unmarshal(m.Body, &out); err != nil {
		return gateway.Notification{}, err
	}
	r, err := g.Query(ctx, a, gateway.Trade{OutTradeNo: out})
	return gateway.Notification{Kind: gateway.NotifyTrade, Report: r}, err
}

// onEmptyStore opens a product on an empty store, whose company c has a merchant account a.
func onEmptyStore(t *testing.T) *App {
	t.Helper()
	st, err := sqlite.Open(t.Context(), t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { st.Close() })
	box, err := seal.New(seal.NewKey())
	if err != nil {
		t.Fatal(err)
	}
	if err := st.Ensure(t.Context(), slices.Concat(payment.Schemas(), property.Schemas(),
		billing.Schemas())...); err != nil {
		t.Fatal(err)
	}
	accounts := merchant.NewAccounts(st, box)
	pay := payment.NewService(st, payment.Config{
		Items: billing.NewBooks(st, time.Now), Gateways: []gateway.Gateway{teller{}}, Accounts: accounts,
		BaseURL: "http://127.0.0.1", Now: time.Now,
		Log: slog.New(slog.DiscardHandler),
	})
	a := &App{Payments: pay, Property: property.NewService(st, time.Now)}
	a.Billing = billing.NewService(st, a.Property, nil, nil, pay, time.Now)
	if err := accounts.Add(t.Context(), gateway.Account{ID: "a", Company: "c", Institution: gateway.WeChat},
		time.Now()); err != nil {
		t.Fatal(err)
	}
	return a
}

// verified lets the institution tell of some payments, and returns the line that the verify prints.
func verified(t *testing.T, numbers ...string) string {
	t.Helper()
	a := onEmptyStore(t)
	for _, number := range numbers {
		body, err := json.Marshal(number)
		if err != nil {
			t.Fatal(err)
		}
		a.Payments.Receive(t.Context(), gateway.WeChat, "a", gateway.RawNotification{Body: body})
	}
	var out bytes.Buffer
	if err := a.verifyBooks(t.Context(), []string{"c"}, &out); err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSpace(out.String()), "\n")
	return lines[len(lines)-1]
}

// The books agree with themselves, and the books say what they cannot know: that money went back and nobody was told
// how much.
func TestAuditCountsWhatNobodyWasToldTheAmountOf(t *testing.T) {
	const untold = "the institution says that money went back, amount not told"
	for name, c := range map[string]struct {
		numbers []string
		ends    string
	}{
		"none": {nil, "agrees"},
		"one":  {[]string{"X1"}, "agrees; 1 payment: " + untold},
		"two":  {[]string{"X1", "X2", "X1"}, "agrees; 2 payments: " + untold},
	} {
		t.Run(name, func(t *testing.T) {
			if got := verified(t, c.numbers...); !strings.HasSuffix(got, "  "+c.ends) {
				t.Errorf("the books say %q, want it to end in %q", got, c.ends)
			}
		})
	}
}

// A company that has bills and never had an order is verified too: what was corrected of them stands in its journal.
func TestACompanyWithoutAnOrderIsVerified(t *testing.T) {
	a := onEmptyStore(t)
	if err := a.Property.AddCompany(t.Context(), "c", "物业"); err != nil {
		t.Fatal(err)
	}
	if with, err := a.withBooks(t.Context()); err != nil || len(with) != 0 {
		t.Errorf("%v, %v", with, err)
	}
	var sheet bytes.Buffer
	err := workbook.Write(&sheet, workbook.Table{Rows: [][]any{
		{"小区", "楼栋", "单元", "房号", "业主", "手机", "费用项目", "账期", "金额"},
		{"甲小区", "1栋", "1单元", "101", "王小明", "13800000001", "物业费", "2026-11", "10.00"}}})
	if err != nil {
		t.Fatal(err)
	}
	how := billing.ImportRequest{Scope: property.Scope{Company: "c"}}
	if r, err := a.Billing.Import(t.Context(), how, &sheet); err != nil || r.Totals[billing.Taken] != 1 {
		t.Fatal(r, err)
	}
	if with, err := a.withBooks(t.Context()); err != nil || len(with) != 1 || with[0] != "c" {
		t.Errorf("%v, %v", with, err)
	}
	var out bytes.Buffer
	if err := a.verifyBooks(t.Context(), []string{"c"}, &out); err != nil || !strings.Contains(out.String(), "agrees") {
		t.Errorf("%s, %v", out.String(), err)
	}
}
