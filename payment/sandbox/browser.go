package sandbox

import (
	"context"
	"crypto"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/cookiejar"
	"regexp"
	"slices"
	"strings"
	"time"
)

// The names by which the wallets' in-app browsers introduce themselves.
const (
	wechatAgent = "Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36 Mobile Safari/537.36 MicroMessenger/8.0.50 " +
		"Language/zh_CN"
	alipayAgent = "Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36 Mobile Safari/537.36 AlipayClient/10.5.96 " +
		"Language/zh-Hans"
	unionAgent = "Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36 Mobile Safari/537.36 (com.unionpay.mobilepay) " +
		"UnionPay/1.0 CloudPay"
)

// scanned finds what a wallet would pay after scanning a text: the institution's own QR, or a merchant's page that it
// opens.
func (s *Sandbox) scanned(ctx context.Context, content string, wallet Wallet) (trade, error) {
	content = strings.TrimSpace(content)
	if !slices.Contains(wallets(), wallet) {
		return trade{}, fmt.Errorf("没有钱包 %q (wallet must be one of %v)", wallet, wallets())
	}
	if t, ok := s.bank.find(content); ok && t.Code == content {
		return s.ownCode(t, wallet)
	}
	if loopbackURL(content) == nil {
		return s.openPage(ctx, content, wallet)
	}
	return trade{}, errors.New("无法识别的二维码 (this QR is not one the wallet knows)")
}

func (s *Sandbox) ownCode(t trade, wallet Wallet) (trade, error) {
	if t.State == closed && t.accepts(wallet) {
		return trade{}, errors.New("二维码已过期 (this QR has expired)")
	}
	return s.bank.choose(t.ID, wallet)
}

// openPage opens a merchant's page as the wallet's in-app browser would, without JavaScript: it follows redirects
// (through the institution's own OAuth), until it stands on the wallet's pay page, on a page with JSAPI parameters, or
// is sent to the text of an institution's QR.
func (s *Sandbox) openPage(ctx context.Context, address string, wallet Wallet) (trade, error) {
	jar, err := cookiejar.New(nil)
	if err != nil {
		return trade{}, err
	}
	client := &http.Client{Jar: jar, Timeout: 20 * time.Second, CheckRedirect: s.followLoopback}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return trade{}, err
	}
	req.Header.Set("User-Agent", map[Wallet]string{WechatWallet: wechatAgent, AlipayWallet: alipayAgent,
		UnionPay: unionAgent}[wallet])
	req.Header.Set("Accept", "text/html")
	resp, err := client.Do(req)
	if err != nil {
		return trade{}, fmt.Errorf("页面打不开 (the page cannot be opened): %w", err)
	}
	defer resp.Body.Close()
	page, err := io.ReadAll(io.LimitReader(resp.Body, bodyLimit))
	if err != nil {
		return trade{}, err
	}
	if id, ok := strings.CutPrefix(resp.Request.URL.String(), s.url("control")+"/pay/"); ok {
		return s.onPayPage(strings.Split(id, "?")[0], wallet)
	}
	if t, ok := s.bank.find(resp.Header.Get("Location")); ok && t.Code != "" {
		return s.ownCode(t, wallet)
	}
	if wallet == WechatWallet {
		return s.jsapi(page)
	}
	return trade{}, fmt.Errorf("页面没有发起支付 (the page did not ask for a payment): %s", resp.Status)
}

func (s *Sandbox) followLoopback(req *http.Request, via []*http.Request) error {
	if len(via) > 10 {
		return errors.New("too many redirects")
	}
	if t, ok := s.bank.find(req.URL.String()); ok && t.Code != "" {
		return http.ErrUseLastResponse // a wallet knows the text of an institution's QR and opens no page for it
	}
	return loopbackURL(req.URL.String())
}

func (s *Sandbox) onPayPage(id string, wallet Wallet) (trade, error) {
	t, ok := s.bank.find(id)
	if !ok {
		return trade{}, errors.New("没有这笔付款 (there is no such payment)")
	}
	return s.bank.choose(t.ID, wallet)
}

var jsapiScript = regexp.MustCompile(`(?s)<script[^>]*\bid="wcpay"[^>]*>(.*?)</script>`)

// jsapiParams are the parameters that a page hands to getBrandWCPayRequest.
type jsapiParams struct {
	AppID     string `json:"appId"`
	TimeStamp string `json:"timeStamp"`
	NonceStr  string `json:"nonceStr"`
	Package   string `json:"package"`
	SignType  string `json:"signType"`
	PaySign   string `json:"paySign"`
}

// jsapi finds the page's JSAPI parameters and verifies the signature over them: the merchant's own at WeChat Pay, and
// the acquirer's WeChat merchant's where an acquirer made them.
func (s *Sandbox) jsapi(page []byte) (trade, error) {
	found := jsapiScript.FindSubmatch(page)
	var p jsapiParams
	if found == nil || json.Unmarshal(found[1], &p) != nil {
		return trade{}, errors.New("页面没有发起支付 (the page did not ask for a payment)")
	}
	prepay, _ := strings.CutPrefix(p.Package, "prepay_id=")
	t, ok := s.bank.find(prepay)
	if !ok || t.Prepay != prepay || t.Wallet != WechatWallet || p.SignType != "RSA" ||
		p.AppID != t.Merchant.wechat.App {
		return trade{}, errors.New("支付参数不正确 (the payment parameters do not name an order)")
	}
	signature, err := base64.StdEncoding.DecodeString(p.PaySign)
	digest := sha256.Sum256([]byte(p.AppID + "\n" + p.TimeStamp + "\n" + p.NonceStr + "\n" + p.Package + "\n"))
	if err != nil || rsa.VerifyPKCS1v15(t.Merchant.wechat.publicKey, crypto.SHA256, digest[:], signature) != nil {
		return trade{}, errors.New("支付验证签名失败 (paySign does not verify)")
	}
	return t, nil
}
