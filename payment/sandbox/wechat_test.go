package sandbox

import (
	"bytes"
	"context"
	"crypto/rsa"
	"crypto/x509"
	"errors"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/wechatpay-apiv3/wechatpay-go/core"
	"github.com/wechatpay-apiv3/wechatpay-go/core/auth"
	"github.com/wechatpay-apiv3/wechatpay-go/core/auth/verifiers"
	"github.com/wechatpay-apiv3/wechatpay-go/core/downloader"
	"github.com/wechatpay-apiv3/wechatpay-go/core/notify"
	"github.com/wechatpay-apiv3/wechatpay-go/core/option"
	"github.com/wechatpay-apiv3/wechatpay-go/services/payments"
	"github.com/wechatpay-apiv3/wechatpay-go/services/payments/h5"
	"github.com/wechatpay-apiv3/wechatpay-go/services/payments/jsapi"
	"github.com/wechatpay-apiv3/wechatpay-go/services/payments/native"
	"github.com/wechatpay-apiv3/wechatpay-go/utils"
)

// official is the institution's own client library, pointed at the sandbox: a second opinion on every signature.
type official struct {
	client   *core.Client
	verifier auth.Verifier
	c        WechatCredentials
}

// redirect sends a signed request to the sandbox instead.
type redirect string

func (to redirect) RoundTrip(r *http.Request) (*http.Response, error) {
	u, err := url.Parse(string(to))
	if err != nil {
		return nil, err
	}
	r = r.Clone(r.Context())
	r.URL.Scheme, r.URL.Host, r.Host = u.Scheme, u.Host, u.Host
	return http.DefaultTransport.RoundTrip(r)
}

// officialClients returns the library in both key modes.
func officialClients(t *testing.T, s *Sandbox) map[string]official {
	t.Helper()
	c := s.Credentials().Wechat
	key, err := utils.LoadPrivateKey(c.PrivateKeyPEM)
	if err != nil {
		t.Fatal(err)
	}
	public, err := utils.LoadPublicKey(c.PublicKeyPEM)
	if err != nil {
		t.Fatal(err)
	}
	cert, err := utils.LoadCertificate(c.PlatformCertPEM)
	if err != nil {
		t.Fatal(err)
	}
	return map[string]official{
		"public key": newOfficial(t, c, verifiers.NewSHA256WithRSAPubkeyVerifier(c.PublicKeyID, *public),
			option.WithWechatPayPublicKeyAuthCipher(c.Mchid, c.SerialNo, key, c.PublicKeyID, public)),
		"platform certificate": newOfficial(t, c,
			verifiers.NewSHA256WithRSAVerifier(core.NewCertificateMapWithList([]*x509.Certificate{cert})),
			option.WithWechatPayAuthCipher(c.Mchid, c.SerialNo, key, []*x509.Certificate{cert})),
		"downloaded certificate": newOfficial(t, c, verifiers.NewSHA256WithRSAVerifier(downloaded(t, c, key)),
			option.WithWechatPayAuthCipher(c.Mchid, c.SerialNo, key, []*x509.Certificate{cert})),
	}
}

func newOfficial(t *testing.T, c WechatCredentials, v auth.Verifier, mode core.ClientOption) official {
	t.Helper()
	client, err := core.NewClient(t.Context(), mode,
		option.WithHTTPClient(&http.Client{Transport: redirect(c.BaseURL)}))
	if err != nil {
		t.Fatal(err)
	}
	return official{client, v, c}
}

// downloaded has the library fetch and decrypt the platform certificate itself.
func downloaded(t *testing.T, c WechatCredentials, key *rsa.PrivateKey) core.CertificateVisitor {
	t.Helper()
	client, err := core.NewClient(t.Context(), option.WithMerchantCredential(c.Mchid, c.SerialNo, key),
		option.WithoutValidator(),
		option.WithHTTPClient(&http.Client{Transport: redirect(c.BaseURL)}))
	if err != nil {
		t.Fatal(err)
	}
	d, err := downloader.NewCertificateDownloaderWithClient(t.Context(), client, c.APIv3Key)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func TestOfficialLibraryAgrees(t *testing.T) {
	s := start(t, Config{Second: time.Millisecond})
	for mode, o := range officialClients(t, s) {
		t.Run(mode, func(t *testing.T) {
			in := newInbox(t, func(w http.ResponseWriter, _ int) { w.WriteHeader(http.StatusNoContent) })
			number := "T" + randomHex(10)
			t.Run("native, query, notification", func(t *testing.T) { o.nativeFlow(t, s, in, number) })
			t.Run("close", func(t *testing.T) { o.closeFlow(t, in) })
			t.Run("jsapi and h5", func(t *testing.T) { o.otherKinds(t, in) })
		})
	}
}

func (o official) nativeFlow(t *testing.T, s *Sandbox, in *inbox, number string) {
	ctx, svc := t.Context(), native.NativeApiService{Client: o.client}
	resp, _, err := svc.Prepay(ctx, native.PrepayRequest{
		Appid: &o.c.Appid, Mchid: &o.c.Mchid, Description: core.String("物业费"), OutTradeNo: &number,
		NotifyUrl:  core.String(in.URL + "/notify"),
		TimeExpire: core.Time(time.Now().Add(time.Hour)), Amount: &native.Amount{Total: core.Int64(12345)},
	})
	if err != nil || !strings.HasPrefix(*resp.CodeUrl, "weixin://") {
		t.Fatalf("prepay: %v %v", resp, err)
	}
	query := native.QueryOrderByOutTradeNoRequest{OutTradeNo: &number, Mchid: &o.c.Mchid}
	tx, _, err := svc.QueryOrderByOutTradeNo(ctx, query)
	if err != nil || *tx.TradeState != "NOTPAY" {
		t.Fatalf("query: %v %v", tx, err)
	}
	pay(t, s, *resp.CodeUrl, "wechat")
	tx, _, err = svc.QueryOrderByOutTradeNo(ctx, query)
	if err != nil || *tx.TradeState != "SUCCESS" || *tx.Amount.Total != 12345 {
		t.Fatalf("query: %v %v", tx, err)
	}
	byID, _, err := svc.QueryOrderById(ctx, native.QueryOrderByIdRequest{TransactionId: tx.TransactionId,
		Mchid: &o.c.Mchid})
	if err != nil || *byID.OutTradeNo != number {
		t.Fatalf("query by transaction id: %v %v", byID, err)
	}
	in.wait(t, 1)
	handler, err := notify.NewRSANotifyHandler(o.c.APIv3Key, o.verifier)
	if err != nil {
		t.Fatal(err)
	}
	r, _ := in.message(0)
	var told payments.Transaction
	event, err := handler.ParseNotifyRequest(ctx, r, &told)
	if err != nil || event.EventType != "TRANSACTION.SUCCESS" || *told.TransactionId != *tx.TransactionId ||
		*told.Amount.Total != 12345 {
		t.Fatalf("notification: %v %v", told, err)
	}
}

func (o official) closeFlow(t *testing.T, in *inbox) {
	ctx, svc, number := t.Context(), native.NativeApiService{Client: o.client}, "T"+randomHex(10)
	_, err := svc.CloseOrder(ctx, native.CloseOrderRequest{OutTradeNo: &number, Mchid: &o.c.Mchid})
	wantCode(t, err, 404, "ORDER_NOT_EXIST")
	prepay := native.PrepayRequest{
		Appid: &o.c.Appid, Mchid: &o.c.Mchid, Description: core.String("停车费"), OutTradeNo: &number,
		NotifyUrl: core.String(in.URL + "/notify"),
		Amount:    &native.Amount{Total: core.Int64(1)},
	}
	if _, _, err := svc.Prepay(ctx, prepay); err != nil {
		t.Fatal(err)
	}
	for range 2 { // a repeat is answered alike
		result, err := svc.CloseOrder(ctx, native.CloseOrderRequest{OutTradeNo: &number, Mchid: &o.c.Mchid})
		if err != nil || result.Response.StatusCode != http.StatusNoContent {
			t.Fatalf("close: %v", err)
		}
	}
	tx, _, err := svc.QueryOrderByOutTradeNo(ctx, native.QueryOrderByOutTradeNoRequest{OutTradeNo: &number,
		Mchid: &o.c.Mchid})
	if err != nil || *tx.TradeState != "CLOSED" {
		t.Fatalf("query: %v %v", tx, err)
	}
	_, _, err = svc.Prepay(ctx, prepay)
	wantCode(t, err, 400, "ORDER_CLOSED")
}

func wantCode(t *testing.T, err error, status int, code string) {
	t.Helper()
	var e *core.APIError
	if !errors.As(err, &e) || e.StatusCode != status || e.Code != code {
		t.Fatalf("got %v, want %d %s", err, status, code)
	}
}

func (o official) otherKinds(t *testing.T, in *inbox) {
	ctx := t.Context()
	js := jsapi.JsapiApiService{Client: o.client}
	resp, _, err := js.PrepayWithRequestPayment(ctx, jsapi.PrepayRequest{
		Appid: &o.c.Appid, Mchid: &o.c.Mchid, Description: core.String("水费"),
		OutTradeNo: core.String("T" + randomHex(10)),
		NotifyUrl:  core.String(in.URL + "/notify"), Amount: &jsapi.Amount{Total: core.Int64(5)},
		Payer: &jsapi.Payer{Openid: core.String("oABCDEFGHIJKLMNOPQRSTUVWXYZ01")},
	})
	if err != nil || !strings.HasPrefix(*resp.Package, "prepay_id=wx") || *resp.SignType != "RSA" {
		t.Fatalf("jsapi: %v %v", resp, err)
	}
	web := h5.H5ApiService{Client: o.client}
	page, _, err := web.Prepay(ctx, h5.PrepayRequest{
		Appid: &o.c.Appid, Mchid: &o.c.Mchid, Description: core.String("水费"),
		OutTradeNo: core.String("T" + randomHex(10)),
		NotifyUrl:  core.String(in.URL + "/notify"), Amount: &h5.Amount{Total: core.Int64(5)},
		SceneInfo: &h5.SceneInfo{PayerClientIp: core.String("127.0.0.1"), H5Info: &h5.H5Info{Type: core.String("Wap")}},
	})
	if err != nil || !strings.HasPrefix(*page.H5Url, "http://127.0.0.1:") {
		t.Fatalf("h5: %v %v", page, err)
	}
}

func TestWechatRefusesBadRequests(t *testing.T) {
	s := start(t, Config{})
	o := officialClients(t, s)["public key"]
	good := native.PrepayRequest{
		Appid: &o.c.Appid, Mchid: &o.c.Mchid, Description: core.String("物业费"), OutTradeNo: core.String("T123456"),
		NotifyUrl: core.String("https://pay.example.com/notify"), Amount: &native.Amount{Total: core.Int64(1)},
	}
	svc := native.NativeApiService{Client: o.client}
	for name, spoil := range map[string]func(*native.PrepayRequest){
		"no amount": func(r *native.PrepayRequest) { r.Amount = &native.Amount{Total: core.Int64(0)} },
		"dollars": func(r *native.PrepayRequest) {
			r.Amount = &native.Amount{Total: core.Int64(1), Currency: core.String("USD")}
		},
		"a short number": func(r *native.PrepayRequest) { r.OutTradeNo = core.String("12345") },
		"a long number":  func(r *native.PrepayRequest) { r.OutTradeNo = core.String(strings.Repeat("1", 33)) },
		"a query in notify": func(r *native.PrepayRequest) {
			r.NotifyUrl = core.String("https://pay.example.com/notify?x=1")
		},
		"http in notify": func(r *native.PrepayRequest) { r.NotifyUrl = core.String("http://pay.example.com/notify") },
		"another appid":  func(r *native.PrepayRequest) { r.Appid = core.String("wx0000000000000000") },
		"an expiry past": func(r *native.PrepayRequest) { r.TimeExpire = core.Time(time.Now().Add(-time.Minute)) },
	} {
		bad := good
		spoil(&bad)
		_, _, err := svc.Prepay(t.Context(), bad)
		var e *core.APIError
		if !errors.As(err, &e) || e.StatusCode != 400 {
			t.Errorf("%s: got %v, want a signed 400", name, err)
		}
	}
	if _, _, err := svc.Prepay(t.Context(), good); err != nil {
		t.Fatal(err)
	}
	other := good
	other.Amount = &native.Amount{Total: core.Int64(2)}
	_, _, err := svc.Prepay(t.Context(), other)
	wantCode(t, err, 403, "OUT_TRADE_NO_USED")
}

func TestWechatRefusesBadSignatures(t *testing.T) {
	s := start(t, Config{Now: func() time.Time { return time.Now().Add(6 * time.Minute) }})
	o := officialClients0(t, s)
	_, err := o.Get(t.Context(), o.url)
	wantCode(t, err, 401, "SIGN_ERROR")
	for _, header := range []string{"", "Bearer x", `WECHATPAY2-SHA256-RSA2048 mchid="1"`} {
		req, err := http.NewRequestWithContext(t.Context(), "GET", s.url("wechat")+"/v3/certificates", nil)
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Authorization", header)
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
		if resp.StatusCode != 401 || resp.Header.Get("Wechatpay-Signature") == "" {
			t.Errorf("%q: %d, signed %q", header, resp.StatusCode, resp.Header.Get("Wechatpay-Signature"))
		}
	}
}

type skewed struct {
	*core.Client
	url string
}

// officialClients0 is the library without response validation, for a sandbox whose clock is wrong.
func officialClients0(t *testing.T, s *Sandbox) skewed {
	t.Helper()
	c := s.Credentials().Wechat
	key, err := utils.LoadPrivateKey(c.PrivateKeyPEM)
	if err != nil {
		t.Fatal(err)
	}
	client, err := core.NewClient(t.Context(), option.WithMerchantCredential(c.Mchid, c.SerialNo, key),
		option.WithoutValidator(),
		option.WithHTTPClient(&http.Client{Transport: redirect(c.BaseURL)}))
	if err != nil {
		t.Fatal(err)
	}
	return skewed{client, "https://api.mch.weixin.qq.com/v3/certificates"}
}

// Each fault must be seen by the institution's own library as what it is.
func TestWechatFaults(t *testing.T) {
	s := start(t, Config{Second: time.Millisecond})
	o := officialClients(t, s)["public key"]
	svc := native.NativeApiService{Client: o.client}
	in := newInbox(t, func(w http.ResponseWriter, _ int) { w.WriteHeader(http.StatusOK) })
	handler, err := notify.NewRSANotifyHandler(o.c.APIv3Key, o.verifier)
	if err != nil {
		t.Fatal(err)
	}
	order := func() (number, code string) {
		number = "T" + randomHex(10)
		resp, _, err := svc.Prepay(t.Context(), native.PrepayRequest{
			Appid: &o.c.Appid, Mchid: &o.c.Mchid, Description: core.String("物业费"), OutTradeNo: &number,
			NotifyUrl: core.String(in.URL + "/notify"),
			Amount:    &native.Amount{Total: core.Int64(100)},
		})
		if err != nil {
			t.Fatal(err)
		}
		return number, *resp.CodeUrl
	}
	query := func(number string) (*payments.Transaction, error) {
		tx, _, err := svc.QueryOrderByOutTradeNo(context.Background(),
			native.QueryOrderByOutTradeNoRequest{OutTradeNo: &number, Mchid: &o.c.Mchid})
		return tx, err
	}
	for fault, wantErr := range map[Fault]string{
		UnsignedError: "Wechatpay", BadSignature: "verif", ProbeSignature: "", TimeoutAfterSuccess: "EOF",
	} {
		number, _ := order()
		if err := s.faults.add(Script{Institution: "wechat", Fault: fault, Operation: "query",
			OutTradeNo: number}); err != nil {
			t.Fatal(err)
		}
		if _, err := query(number); err == nil || fault != UnsignedError && !strings.Contains(err.Error(), wantErr) {
			t.Errorf("%s: the library says %v", fault, err)
		}
		if _, err := query(number); err != nil {
			t.Errorf("%s: struck twice: %v", fault, err)
		}
	}
	number, code := order()
	if err := s.faults.add(Script{Fault: PaidAfterClose, OutTradeNo: number}); err != nil {
		t.Fatal(err)
	}
	var p Payment
	call(t, s, "POST", "/scan", map[string]string{"content": code, "wallet": "wechat"}, &p)
	if _, err := svc.CloseOrder(t.Context(),
		native.CloseOrderRequest{OutTradeNo: &number, Mchid: &o.c.Mchid}); err != nil {
		t.Fatal(err)
	}
	if status := call(t, s, "POST", "/payments/"+p.ID+"/confirm", nil, &p); status != 200 || p.State != paid {
		t.Fatalf("paid after close: %d %+v", status, p)
	}
	in.wait(t, 1)
	seen := 1
	for fault, check := range map[Fault]func(tx payments.Transaction, err error) bool{
		Forged:        func(_ payments.Transaction, err error) bool { return err != nil },
		Stale:         func(_ payments.Transaction, err error) bool { return err != nil },
		ProbeNotice:   func(_ payments.Transaction, err error) bool { return err != nil },
		WrongAmount:   func(tx payments.Transaction, err error) bool { return err == nil && *tx.Amount.Total == 101 },
		WrongMerchant: func(tx payments.Transaction, err error) bool { return err == nil && *tx.Mchid != o.c.Mchid },
		Late:          func(tx payments.Transaction, err error) bool { return err == nil && *tx.Amount.Total == 100 },
		Repeated:      func(tx payments.Transaction, err error) bool { return err == nil },
	} {
		number, code := order()
		if err := s.faults.add(Script{Fault: fault, OutTradeNo: number, DelayMS: 5}); err != nil {
			t.Fatal(err)
		}
		pay(t, s, code, "wechat")
		n := 1
		if fault == Repeated {
			n = 3
		}
		in.wait(t, n)
		r, body := in.message(seen)
		seen += n
		var tx payments.Transaction
		r.Body = io.NopCloser(bytes.NewReader(body))
		if _, err := handler.ParseNotifyRequest(t.Context(), r, &tx); !check(tx, err) {
			t.Errorf("%s: the library reads %v, %v", fault, tx, err)
		}
	}
	number, code = order()
	if err := s.faults.add(Script{Fault: Lost, OutTradeNo: number}); err != nil {
		t.Fatal(err)
	}
	pay(t, s, code, "wechat")
	sent := s.sender.list()
	if last := sent[len(sent)-1]; last.Fault != Lost || last.Status != 0 || last.OutTradeNo != number {
		t.Errorf("lost: %+v", last)
	}
}

func TestWechatRetriesUntilAccepted(t *testing.T) {
	s := start(t, Config{Second: 10 * time.Microsecond})
	o := officialClients(t, s)["public key"]
	in := newInbox(t, func(w http.ResponseWriter, n int) {
		if n < 6 {
			w.WriteHeader(http.StatusInternalServerError)
			io.WriteString(w, `{"code":"SUCCESS"}`) // the status outranks the body
		}
	})
	resp, _, err := (&native.NativeApiService{Client: o.client}).Prepay(t.Context(), native.PrepayRequest{
		Appid: &o.c.Appid, Mchid: &o.c.Mchid, Description: core.String("物业费"),
		OutTradeNo: core.String("T" + randomHex(10)),
		NotifyUrl:  core.String(in.URL + "/notify"), Amount: &native.Amount{Total: core.Int64(100)},
	})
	if err != nil {
		t.Fatal(err)
	}
	pay(t, s, *resp.CodeUrl, "wechat")
	in.wait(t, 6)
	for _, body := range in.bodies[1:] {
		if !bytes.Contains(body, in.bodies[0][:20]) {
			t.Error("the id changed between tries")
		}
	}
}
