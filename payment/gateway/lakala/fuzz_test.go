package lakala_test

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"linlipay/payment/card"
	"linlipay/payment/gateway"
	"linlipay/payment/gateway/lakala"
)

// believed holds of every payment that is believed, whatever it was read from.
func believed(t *testing.T, r gateway.Report) {
	t.Helper()
	if r.Merchant != merchant || r.App != appid || r.OutTradeNo == "" || r.Currency != gateway.CNY || r.Amount < 0 {
		t.Errorf("believed %+v", r)
	}
	if r.State == gateway.TradePaid && (r.TransactionID == "" || r.Amount == 0) {
		t.Errorf("paid %+v", r)
	}
	if card.HasCardNumber(r.Card.Masked) {
		t.Error("a full card number is kept")
	}
}

// Whatever the institution signs, it is read or refused.
func FuzzSignedNotice(f *testing.F) {
	for _, body := range []string{
		scanNotice, ofOrder("2", scanned("A1", "PAY", "S", 12345, "")), ofOrder("6", carded("K2", "CANCEL", "S", "K1")),
		ofOrder("2", carded("K1", "PAY", "S", "")),
		`{"merchant_no":"82229007392000A","out_trade_no":"1","trade_status":"INIT","total_amount":null}`, "{}", "null",
		"",
	} {
		f.Add(body)
	}
	g, a := newGateway(), account("https://example.com")
	f.Fuzz(func(t *testing.T, body string) {
		n, err := g.Verify(t.Context(), a, signedNotice(body), now())
		if err == nil && n.Kind == gateway.NotifyTrade {
			believed(t, n.Report)
		}
	})
}

// A message is believed only with the header that was made for it.
func FuzzNoticeHeader(f *testing.F) {
	genuine := signedNotice(scanNotice)
	header := genuine.Header.Get("Authorization")
	for _, h := range []string{
		header, "", "LKLAPI-SHA256withRSA ", strings.Replace(header, ",", ", ", 2),
		strings.Replace(header, `timestamp="1795593600"`, `timestamp="+1795593600"`, 1),
		strings.Replace(header, "LKLAPI-SHA256withRSA", "LKLAPI-SHA256withRSA appid=\"OP00000003\",", 1),
		header + `,signature="x"`, strings.ToLower(header),
	} {
		f.Add(h, int16(0))
	}
	f.Add(header, int16(300))
	f.Add(header, int16(-301))
	g, a := newGateway(), account("https://example.com")
	signature := strings.SplitAfter(header, `signature="`)[1]
	f.Fuzz(func(t *testing.T, header string, late int16) {
		m := gateway.RawNotification{Header: http.Header{"Authorization": {header}}, Body: genuine.Body}
		_, err := g.Verify(t.Context(), a, m, now().Add(time.Duration(late)*time.Second))
		parts := strings.Contains(header, `timestamp="1795593600"`) &&
			strings.Contains(header, `nonce_str="nonce1234567"`) && strings.Contains(header, signature)
		if err == nil && (!parts || late > 300 || late < -300) {
			t.Errorf("believed with %q, %d seconds late", header, late)
		}
	})
}

// told is an institution without a network that answers everything with one signed body.
type told string

func (b told) RoundTrip(r *http.Request) (*http.Response, error) {
	h := http.Header{}
	for n, v := range map[string]string{
		"Appid": appid, "Serial": "01", "Timestamp": fmt.Sprint(at), "Nonce": "n",
		"Signature": sign(platformKey(), fmt.Sprintf("%s\n01\n%d\nn\n%s\n", appid, at, string(b))),
	} {
		h.Set("Lklapi-"+n, v)
	}
	return &http.Response{StatusCode: http.StatusOK, Header: h, Body: io.NopCloser(strings.NewReader(string(b))),
		Request: r}, nil
}

// Whatever the institution signs as an answer, it is of what was asked, or it is not believed.
func FuzzAnswer(f *testing.F) {
	for _, body := range []string{
		ok(scanPaid), okay(counterPaid), okay(cardPaid), fail("BBS10000"), ok("null"),
		ok(`{"out_trade_no":"202611250000000000000001"}`), okay(order("4", carded("K1", "PAY", "T", ""))),
		ok(scanBack), okay(cardBack), ok(preordered), okay(counterCreated), `{"code":"BBS00000","code":"000000"}`, "[]",
		"",
	} {
		f.Add(body)
	}
	a := account("https://example.com")
	f.Fuzz(func(t *testing.T, body string) {
		g := lakala.New(told(body), time.Second, now)
		for _, asked := range []gateway.Trade{trade(gateway.WalletWeChat, gateway.JSAPI),
			trade(gateway.WalletCard, gateway.CardPresent)} {
			if r, err := g.Query(t.Context(), a, asked); err == nil {
				believed(t, r)
				if r.OutTradeNo != number {
					t.Errorf("asked for %s, believed %+v", number, r)
				}
			}
		}
		for _, request := range []gateway.RefundRequest{scanRequest(), cardRequest()} {
			if r, err := g.QueryRefund(t.Context(), a, request); err == nil &&
				(r.OutRefundNo != "R1" || r.Amount != 345 || r.State == "") {
				t.Errorf("believed %+v", r)
			}
		}
	})
}

// Whatever a terminal hands back, no full card number comes through, and nothing of another order or amount is done.
func FuzzReadResult(f *testing.F) {
	whole := handedBack(nil)
	f.Add(whole["txndetail"], "cardno", "622202******1234", "123.45")
	f.Add(whole["txndetail"], "cardno", fullCard, "123.45")
	f.Add(`{"priaccount":"`+fullCard+`"}`, "track2", "", "123.45")
	f.Add(`{"priaccount":6222020000000000000}`, "order_no", "1", "000000012345")
	f.Add("", "refernumber", "6222020000000000", "-123.45")
	g, a := newGateway(), account("https://example.com")
	f.Fuzz(func(t *testing.T, detail, name, value, amount string) {
		fields := handedBack(map[string]string{"txndetail": detail, name: value, "amt": amount})
		r, err := g.ReadResult(a, trade(gateway.WalletCard, gateway.CardPresent), fields)
		if err != nil {
			wantKind(t, err, gateway.Unauthentic, false)
		}
		for _, text := range []string{r.Message, r.Card.ReferenceNo, r.Card.BatchNo, r.Card.TraceNo, r.Card.AuthCode,
			r.Card.Masked, r.Card.Issuer, r.Card.Merchant, r.Card.Terminal} {
			if card.HasCardNumber(text) {
				t.Errorf("a full card number came through: %+v", r)
			}
		}
		if r.Done && (r.Amount != 12345 || r.Card.ReferenceNo == "") {
			t.Errorf("done: %+v", r)
		}
	})
}
