package sandbox

import (
	"context"
	"net/http"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/wechatpay-apiv3/wechatpay-go/core"
	"github.com/wechatpay-apiv3/wechatpay-go/core/notify"
	"github.com/wechatpay-apiv3/wechatpay-go/services/payments/native"
	"github.com/wechatpay-apiv3/wechatpay-go/services/refunddomestic"
	"github.com/wechatpay-apiv3/wechatpay-go/utils"
)

// paidNative makes a native order, pays it and returns its number.
func (o official) paidNative(t *testing.T, s *Sandbox, fen int64) string {
	t.Helper()
	number := "T" + randomHex(10)
	svc := native.NativeApiService{Client: o.client}
	resp, _, err := svc.Prepay(t.Context(), native.PrepayRequest{
		Appid: &o.c.Appid, Mchid: &o.c.Mchid, Description: core.String("物业费"), OutTradeNo: &number,
		NotifyUrl: core.String("http://127.0.0.1:1/notify"), Amount: &native.Amount{Total: &fen},
	})
	if err != nil {
		t.Fatal(err)
	}
	pay(t, s, *resp.CodeUrl, "wechat")
	return number
}

func (o official) refund(t *testing.T, number, refundNo string, fen, total int64,
	notify string) (*refunddomestic.Refund, error) {
	t.Helper()
	svc := refunddomestic.RefundsApiService{Client: o.client}
	req := refunddomestic.CreateRequest{
		OutTradeNo: &number, OutRefundNo: &refundNo, Reason: core.String("多收退还"),
		Amount: &refunddomestic.AmountReq{Refund: &fen, Total: &total, Currency: core.String("CNY")},
	}
	if notify != "" {
		req.NotifyUrl = &notify
	}
	got, _, err := svc.Create(t.Context(), req)
	return got, err
}

// until asks for a refund until it has the status.
func (o official) until(t *testing.T, refundNo, status string) *refunddomestic.Refund {
	t.Helper()
	svc := refunddomestic.RefundsApiService{Client: o.client}
	for deadline := time.Now().Add(10 * time.Second); ; time.Sleep(time.Millisecond) {
		got, _, err := svc.QueryByOutRefundNo(t.Context(),
			refunddomestic.QueryByOutRefundNoRequest{OutRefundNo: &refundNo})
		if err != nil {
			t.Fatal(err)
		}
		if string(*got.Status) == status {
			return got
		}
		if time.Now().After(deadline) {
			t.Fatalf("the refund %s is %s, not %s", refundNo, *got.Status, status)
		}
	}
}

func TestOfficialLibraryRefunds(t *testing.T) {
	s := start(t, Config{Second: time.Millisecond})
	for mode, o := range officialClients(t, s) {
		t.Run(mode, func(t *testing.T) {
			in := newInbox(t, func(w http.ResponseWriter, n int) {
				w.WriteHeader(map[bool]int{true: http.StatusInternalServerError, false: http.StatusOK}[n == 1])
			})
			number, first := o.paidNative(t, s, 300), "R"+randomHex(8)
			got, err := o.refund(t, number, first, 100, 300, in.URL+"/refund")
			if err != nil || *got.Status != refunddomestic.STATUS_PROCESSING || *got.Amount.Refund != 100 ||
				*got.OutTradeNo != number {
				t.Fatalf("refund: %v %v", got, err)
			}
			done := o.until(t, first, "SUCCESS")
			if done.SuccessTime == nil || *done.RefundId != *got.RefundId || *done.UserReceivedAccount != "支付用户零钱" {
				t.Errorf("query: %v", done)
			}
			again, err := o.refund(t, number, first, 100, 300, in.URL+"/refund")
			if err != nil || *again.RefundId != *got.RefundId || *again.Status != refunddomestic.STATUS_SUCCESS {
				t.Errorf("the repeat: %v %v", again, err)
			}
			in.wait(t, 2) // the first delivery was not accepted
			o.checkRefundNotice(t, in, 1, "REFUND.SUCCESS", first)
			o.checkTrade(t, number, "REFUND")
		})
	}
}

func (o official) checkRefundNotice(t *testing.T, in *inbox, i int, event, refundNo string) {
	t.Helper()
	handler, err := notify.NewRSANotifyHandler(o.c.APIv3Key, o.verifier)
	if err != nil {
		t.Fatal(err)
	}
	var told struct {
		Mchid       string `json:"mchid"`
		OutRefundNo string `json:"out_refund_no"`
		Status      string `json:"refund_status"`
		Amount      struct{ Total, Refund int64 }
	}
	r, _ := in.message(i)
	got, err := handler.ParseNotifyRequest(t.Context(), r, &told)
	if err != nil || got.EventType != event || got.Resource.OriginalType != "refund" || told.OutRefundNo != refundNo ||
		told.Mchid != o.c.Mchid ||
		"REFUND."+told.Status != event || told.Amount.Total != 300 || told.Amount.Refund != 100 {
		t.Errorf("notification: %+v %+v %v", got, told, err)
	}
}

func (o official) checkTrade(t *testing.T, number, state string) {
	t.Helper()
	svc := native.NativeApiService{Client: o.client}
	tx, _, err := svc.QueryOrderByOutTradeNo(t.Context(), native.QueryOrderByOutTradeNoRequest{OutTradeNo: &number,
		Mchid: &o.c.Mchid})
	if err != nil || *tx.TradeState != state {
		t.Errorf("the trade: %v %v; want %s", tx, err, state)
	}
}

func TestWechatRefundRefusals(t *testing.T) {
	now := time.Now()
	s := start(t, Config{Now: func() time.Time { return now }})
	o := officialClients(t, s)["public key"]
	number, other := o.paidNative(t, s, 300), o.paidNative(t, s, 300)
	if _, err := o.refund(t, number, "R1", 200, 300, ""); err != nil {
		t.Fatal(err)
	}
	o.until(t, "R1", "SUCCESS")
	if err := s.faults.add(Script{Fault: MerchantBalanceLow, OutTradeNo: other, Operation: "refund"}); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		number, refundNo string
		fen, total       int64
		notify           string
		status           int
		code             string
	}{
		"no such order":         {"T-none", "R2", 1, 300, "", 404, "RESOURCE_NOT_EXISTS"},
		"another total":         {number, "R2", 1, 301, "", 400, "INVALID_REQUEST"},
		"more than is left":     {number, "R2", 101, 300, "", 400, "INVALID_REQUEST"},
		"other terms":           {number, "R1", 100, 300, "", 400, "INVALID_REQUEST"},
		"another order's":       {other, "R1", 200, 300, "", 400, "INVALID_REQUEST"},
		"nothing":               {number, "R2", 0, 300, "", 400, "PARAM_ERROR"},
		"a bad number":          {number, "R 2", 1, 300, "", 400, "PARAM_ERROR"},
		"a notify_url with one": {number, "R2", 1, 300, "https://x.example/n?a=1", 400, "PARAM_ERROR"},
		"no balance":            {other, "R3", 1, 300, "", 403, "NOT_ENOUGH"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := o.refund(t, c.number, c.refundNo, c.fen, c.total, c.notify)
			wantCode(t, err, c.status, c.code)
		})
	}
	svc := refunddomestic.RefundsApiService{Client: o.client}
	_, _, err := svc.QueryByOutRefundNo(t.Context(),
		refunddomestic.QueryByOutRefundNoRequest{OutRefundNo: core.String("R3")})
	wantCode(t, err, 404, "RESOURCE_NOT_EXISTS")
}

func TestWechatRefundsAreFiftyWithinAYear(t *testing.T) {
	s := start(t, Config{})
	o := officialClients(t, s)["public key"]
	number := o.paidNative(t, s, 100)
	for i := range 50 {
		if _, err := o.refund(t, number, "R"+strconv.Itoa(i), 1, 100, ""); err != nil {
			t.Fatal(err)
		}
	}
	_, err := o.refund(t, number, "R50", 1, 100, "")
	wantCode(t, err, 400, "INVALID_REQUEST")
	_, err = o.refund(t, o.paidLongAgo(t, s), "R51", 1, 100, "")
	wantCode(t, err, 400, "INVALID_REQUEST")
}

// paidLongAgo is a paid order whose payment is more than a year old.
func (o official) paidLongAgo(t *testing.T, s *Sandbox) string {
	t.Helper()
	number := o.paidNative(t, s, 100)
	s.bank.mu.Lock()
	defer s.bank.mu.Unlock()
	m := s.keys.merchantBy("wechat", func(m *merchant) bool { return m.ID == o.c.Mchid })
	paid := s.bank.byOut[outKey("wechat", m.ID, number)]
	paid.PaidAt = paid.PaidAt.AddDate(-2, 0, 0)
	return number
}

func TestWechatRefundFaults(t *testing.T) {
	s := start(t, Config{Second: time.Microsecond})
	o := officialClients(t, s)["public key"]
	in := newInbox(t, func(w http.ResponseWriter, _ int) { w.WriteHeader(http.StatusNoContent) })
	script := func(f Fault) string {
		number := o.paidNative(t, s, 300)
		if err := s.faults.add(Script{Fault: f, OutTradeNo: number, Operation: "refund"}); err != nil {
			t.Fatal(err)
		}
		return number
	}
	if _, err := o.refund(t, script(RefundClosed), "RC", 100, 300, in.URL); err != nil {
		t.Fatal(err)
	}
	o.until(t, "RC", "CLOSED")
	in.wait(t, 1)
	o.checkRefundNotice(t, in, 0, "REFUND.CLOSED", "RC")
	got, err := o.refund(t, script(RefundSlow), "RS", 100, 300, in.URL)
	if err != nil {
		t.Fatal(err)
	}
	o.until(t, "RS", "PROCESSING")
	var settled Refund
	if status := call(t, s, "POST", "/refunds/"+*got.RefundId+"/settle", map[string]string{"state": "success"},
		&settled); status != 200 || settled.State != refundDone {
		t.Fatalf("settle: %d %+v", status, settled)
	}
	if status := call(t, s, "POST", "/refunds/"+*got.RefundId+"/settle", nil, nil); status != http.StatusConflict {
		t.Errorf("settled twice: %d", status)
	}
	o.until(t, "RS", "SUCCESS")
	in.wait(t, 1)
	o.checkRefundNotice(t, in, 1, "REFUND.SUCCESS", "RS")
	o.abnormal(t, s, in, script(RefundAbnormal))
	o.timeouts(t, s, script(TimeoutBeforeEffect))
	o.spoiled(t, s, in, script(WrongAmount))
}

// abnormal: the money did not reach the payer's card until the merchant named another.
func (o official) abnormal(t *testing.T, s *Sandbox, in *inbox, number string) {
	got, err := o.refund(t, number, "RA", 100, 300, in.URL)
	if err != nil {
		t.Fatal(err)
	}
	o.until(t, "RA", "ABNORMAL")
	in.wait(t, 1)
	o.checkRefundNotice(t, in, 2, "REFUND.ABNORMAL", "RA")
	path := "https://api.mch.weixin.qq.com/v3/refund/domestic/refunds/" + *got.RefundId + "/apply-abnormal-refund"
	body := map[string]string{"out_refund_no": "RA", "type": "USER_BANK_CARD", "bank_type": "ICBC_DEBIT",
		"bank_account": "6222", "real_name": "x"}
	_, err = o.client.Post(t.Context(), path, body)
	wantCode(t, err, 400, "PARAM_ERROR") // not encrypted
	o.encrypt(t, body, "bank_account", "real_name")
	header := http.Header{"Wechatpay-Serial": {o.c.PublicKeyID}}
	if _, err := o.client.Request(t.Context(), "POST", path, header, nil, body, "application/json"); err != nil {
		t.Fatal(err)
	}
	o.until(t, "RA", "SUCCESS")
	in.wait(t, 1)
	_, err = o.client.Post(t.Context(), path, body)
	wantCode(t, err, 400, "INVALID_REQUEST")
	body["out_refund_no"], body["type"] = "RX", "MERCHANT_BANK_CARD"
	_, err = o.client.Post(t.Context(), path, body)
	wantCode(t, err, 404, "RESOURCE_NOT_EXISTS")
}

// encrypt replaces fields of a body by what only WeChat can read.
func (o official) encrypt(t *testing.T, body map[string]string, fields ...string) {
	t.Helper()
	key, err := utils.LoadPublicKey(o.c.PublicKeyPEM)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range fields {
		if body[f], err = utils.EncryptOAEPWithPublicKey(body[f], key); err != nil {
			t.Fatal(err)
		}
	}
}

func (o official) timeouts(t *testing.T, s *Sandbox, number string) {
	if _, err := o.refund(t, number, "RT", 100, 300, ""); err == nil {
		t.Error("the connection held")
	}
	if _, ok := s.bank.refundAsked(refund{Institution: "wechat", Merchant: o.c.Mchid, OutRefundNo: "RT"}); ok {
		t.Error("a refund was made before the time-out")
	}
	if err := s.faults.add(Script{Fault: TimeoutAfterSuccess, OutTradeNo: number, Operation: "refund"}); err != nil {
		t.Fatal(err)
	}
	if _, err := o.refund(t, number, "RT", 100, 300, ""); err == nil {
		t.Error("the connection held")
	}
	o.until(t, "RT", "SUCCESS")
}

func (o official) spoiled(t *testing.T, s *Sandbox, in *inbox, number string) {
	if _, err := o.refund(t, number, "RW", 100, 300, in.URL); err != nil {
		t.Fatal(err)
	}
	in.wait(t, 1)
	handler, err := notify.NewRSANotifyHandler(o.c.APIv3Key, o.verifier)
	if err != nil {
		t.Fatal(err)
	}
	var told struct{ Amount struct{ Refund int64 } }
	r, _ := in.message(4)
	if _, err := handler.ParseNotifyRequest(t.Context(), r, &told); err != nil || told.Amount.Refund != 101 {
		t.Errorf("the spoiled notification: %+v %v", told, err)
	}
	s.sender.close() // a delivery is recorded after it was answered
	sent := s.sender.list()
	i := slices.IndexFunc(sent, func(d Delivery) bool { return d.RefundNo == "RW" })
	if i < 0 || sent[i].Fault != WrongAmount {
		t.Errorf("the deliveries: %+v", sent)
	}
}

func TestRefundsSurviveARestart(t *testing.T) {
	dir := t.TempDir()
	s, err := New(Config{Dir: dir, Keys: &keys})
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- s.Run(ctx) }()
	o := officialClients(t, s)["public key"]
	number := o.paidNative(t, s, 300)
	if _, err := o.refund(t, number, "R1", 100, 300, ""); err != nil {
		t.Fatal(err)
	}
	o.until(t, "R1", "SUCCESS")
	if err := s.faults.add(Script{Fault: RefundSlow}); err != nil {
		t.Fatal(err)
	}
	if _, err := o.refund(t, number, "R2", 200, 300, ""); err != nil {
		t.Fatal(err)
	}
	stop()
	if err := <-ended; err != nil {
		t.Fatal(err)
	}
	s = start(t, Config{Dir: dir})
	o = officialClients(t, s)["public key"]
	o.checkTrade(t, number, "REFUND")
	done := o.until(t, "R1", "SUCCESS")
	o.until(t, "R2", "PROCESSING")
	if *done.Amount.Refund != 100 || done.SuccessTime == nil {
		t.Errorf("the refund: %v", done)
	}
	_, err = o.refund(t, number, "R3", 1, 300, "")
	wantCode(t, err, 400, "INVALID_REQUEST")
	var lines []Line
	call(t, s, "GET", "/ledger", nil, &lines)
	if len(lines) != 2 || lines[1].GivenBackFen != 100 || lines[1].RefundNo != "R1" ||
		lines[1].TransactionID != lines[0].TransactionID || lines[0].Kind != "NATIVE" {
		t.Errorf("the ledger: %+v", lines)
	}
}
