package sandbox

import (
	"maps"
	"net"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// checkScan is what preorder and micropay have in common.
func (in lakalaData) checkScan(m *merchant) *lakalaError {
	bad := func(why string) *lakalaError { return lklErr(lakalaParam, "参数错误："+why) }
	switch {
	case in.TermNo != m.Terminal:
		return bad("term_no 不属于该商户")
	case in.OutTradeNo == "" || len(in.OutTradeNo) > 32:
		return bad("out_trade_no")
	case in.TotalAmount.fen < 1 || in.TotalAmount.number:
		return bad("total_amount")
	case net.ParseIP(in.LocationInfo.RequestIP) == nil:
		return bad("location_info.request_ip")
	case in.Subject != "" && !lakalaText(in.Subject, 42):
		return bad("subject")
	case in.NotifyURL != "" && !strings.HasPrefix(in.NotifyURL, "https://") && loopbackURL(in.NotifyURL) != nil:
		return bad("notify_url")
	}
	return nil
}

// lakalaText tells whether a text has between one and so many characters, as String(n) means in the institution's
// documents (String(42) is explained as 42 characters). Assumption: it takes no character outside the Basic
// Multilingual Plane, and no control.
func lakalaText(text string, most int) bool {
	bad := func(r rune) bool { return r > 0xffff || unicode.IsControl(r) || r == unicode.ReplacementChar }
	return text != "" && utf8.RuneCountInString(text) <= most && !strings.ContainsFunc(text, bad)
}

// subjectFor tells whether a wallet takes a subject, which the institution hands on: WeChat wants one, and Alipay
// takes none of / = & in it.
func subjectFor(w Wallet, subject string) bool {
	return !(w == WechatWallet && subject == "") && !(w == AlipayWallet && strings.ContainsAny(subject, "/=&"))
}

// expires is when an order ends: timeout_express is in minutes, five if it is not given. An order for WeChat does not
// end by itself: what is limited there is the prepay_id, and who has begun to pay may pay until the order is closed.
func (in lakalaData) expires(now time.Time) (time.Time, *lakalaError) {
	minutes := 5
	if text := in.AccBusiFields.TimeoutExpress; text != "" {
		var err error
		if minutes, err = strconv.Atoi(text); err != nil || minutes < 1 {
			return time.Time{}, lklErr(lakalaParam, "参数错误：timeout_express")
		}
	}
	if in.AccountType == "WECHAT" {
		return time.Time{}, nil
	}
	return now.Add(time.Duration(minutes) * time.Minute), nil
}

// preorder is 聚合主扫: an order that a wallet pays by a QR (41), in the wallet's app (51) or in a mini program (71).
func (l *lakala) preorder(m *merchant, in lakalaData) (map[string]any, *lakalaError) {
	if failed := in.checkScan(m); failed != nil {
		return nil, failed
	}
	wallet, known := lakalaWallets()[in.AccountType]
	switch {
	case !known || !slices.Contains([]string{"41", "51", "71"}, in.TransType):
		return nil, lklErr(lakalaParam, "参数错误：account_type、trans_type")
	case wallet == WechatWallet && in.TransType == "41":
		return nil, lklErr(lakalaParam, "NATIVE 方式微信暂不支持")
	case wallet == WechatWallet && in.AccBusiFields.SubAppid != m.wechat.App:
		return nil, lklErr("BBS16111", "sub_mch_id与sub_appid不匹配")
	case !subjectFor(wallet, in.Subject):
		return nil, lklErr(lakalaParam, "参数错误：subject")
	case in.TransType != "41" && in.AccBusiFields.UserID == "":
		return nil, lklErr(lakalaParam, "参数错误：user_id")
	}
	expires, failed := in.expires(l.cfg.Now())
	if failed != nil {
		return nil, failed
	}
	fresh := trade{
		Institution: "lakala", Wallet: wallet, Merchant: m, OutTradeNo: in.OutTradeNo,
		TransactionID: l.bank.number("lakala"), Title: in.Subject,
		Amount: in.TotalAmount.fen, Kind: in.TransType, NotifyURL: in.NotifyURL, Payer: in.AccBusiFields.UserID,
		Exists: true, ExpiresAt: expires,
		Terms: in.AccountType + in.TransType + in.Subject + in.TotalAmount.fen.Yuan() + in.AccBusiFields.UserID,
	}
	fresh.Code, fresh.Prepay = lakalaWays(wallet, in.TransType)
	t, made := l.bank.make(fresh)
	if failed := obtained(t, made, fresh); failed != nil {
		return nil, failed
	}
	fields, err := l.accFields(t)
	if err != nil {
		return nil, lklErr(lakalaBroken, "系统异常")
	}
	return l.scanHead(t, map[string]any{"acc_resp_fields": fields}), nil
}

// obtained is what the same number a second time is answered. Assumption: the same order again, as long as it is open.
func obtained(t trade, made bool, fresh trade) *lakalaError {
	switch {
	case made:
		return nil
	case t.State == paid:
		return lklErr(lakalaPaid, "订单已支付")
	case t.State != unpaid:
		return lklErr(lakalaClosed, "订单已关闭")
	case t.Terms != fresh.Terms:
		return lklErr(lakalaNumberUsed, "商户流水号重复")
	}
	return nil
}

// lakalaWays is how a wallet gets at an order: by the text of a QR of its own, or by a prepay id.
func lakalaWays(w Wallet, transType string) (code, prepay string) {
	switch {
	case transType != "41":
		return "", "wx" + randomHex(17)
	case w == AlipayWallet:
		return "https://qr.alipay.com/bax" + randomHex(11), ""
	}
	return "https://qr.95516.com/00010000/" + digits(randomHex(32), 30), ""
}

// accFields are acc_resp_fields: the QR's text, or what the wallet's app is handed.
func (l *lakala) accFields(t trade) (map[string]string, error) {
	switch {
	case t.Code != "":
		return map[string]string{"code": t.Code}, nil
	case t.Wallet != WechatWallet:
		return map[string]string{"prepay_id": t.Prepay}, nil
	}
	p, err := l.wcpayParams(t)
	return map[string]string{
		"prepay_id": t.Prepay, "app_id": p.AppID, "time_stamp": p.TimeStamp, "nonce_str": p.NonceStr,
		"package": p.Package, "sign_type": p.SignType,
		"pay_sign": p.PaySign,
	}, err
}

// scanHead is what every answer about a scanned payment says of it, and more.
func (l *lakala) scanHead(t trade, more ...map[string]any) map[string]any {
	v := map[string]any{
		"merchant_no": t.Merchant.ID, "out_trade_no": t.OutTradeNo, "trade_no": t.TransactionID,
		"log_no":             logNo(t.TransactionID),
		"settle_merchant_no": t.Merchant.ID, "settle_term_no": t.Merchant.Terminal,
	}
	for _, entries := range more {
		maps.Copy(v, entries)
	}
	return v
}

// payment is what answers and notifications say of a payment: everything is a text.
func (l *lakala) payment(t trade) map[string]any {
	v := map[string]any{"total_amount": fenText(t.Amount), "account_type": accountType(t.Wallet)}
	if t.PaidAt.IsZero() {
		return v
	}
	for _, name := range []string{"payer_amount", "acc_settle_amount"} {
		v[name] = fenText(t.Amount)
	}
	v["acc_mdiscount_amount"], v["acc_discount_amount"], v["acc_other_discount_amount"] = "", "", ""
	v["acc_trade_no"], v["trade_time"], v["user_id1"], v["user_id2"] = walletNo(t), at14(t.PaidAt), login(t), t.Payer
	v["bank_type"], v["card_type"] = "OTHERS", "99"
	return v
}

// login is user_id1: WeChat's is the openid under the merchant's app, Alipay's the payer's login, masked; UnionPay
// has none.
func login(t trade) string {
	switch {
	case t.Payer == "" || t.Wallet == UnionPay:
		return ""
	case t.Wallet == AlipayWallet:
		return "san***@example.com"
	}
	return t.Payer
}

// walletNo is the wallet's own number of a payment, which follows from the acquirer's: 28 digits.
func walletNo(t trade) string {
	if t.Wallet == AlipayWallet {
		return t.TransactionID[:8] + "220000" + logNo(t.TransactionID)
	}
	return map[Wallet]string{WechatWallet: "420000", UnionPay: "955100"}[t.Wallet] + t.TransactionID
}

// query is tradequery, for payments and, under their own numbers, for refunds and revocations. Assumption: a refund's
// total_amount is the refund's.
func (l *lakala) query(m *merchant, in lakalaData) (map[string]any, *lakalaError) {
	if in.TermNo != m.Terminal {
		return nil, lklErr(lakalaParam, "参数错误：term_no")
	}
	if r, ok := l.refundNamed(m, in); ok {
		t, _ := l.bank.byNumber("lakala", m, r.OutTradeNo)
		return l.refundState(t, r), nil
	}
	if t, ok := l.bank.find(revocationKey(m, in.OutTradeNo)); ok && in.TradeNo == "" {
		return l.revocation(t, in.OutTradeNo), nil
	}
	t, ok := l.bank.byNumber("lakala", m, in.OutTradeNo)
	if in.TradeNo != "" {
		t, ok = l.bank.find(in.TradeNo)
		ok = ok && t.Merchant == m && t.TransactionID == in.TradeNo
	}
	if !ok || t.isOrder() && in.TradeNo == "" {
		return nil, lklErr(lakalaAbsent, "未查询到交易")
	}
	state, text := scanState(t)
	v := l.scanHead(t, l.payment(t))
	v["trade_state"], v["trade_state_desc"], v["trade_main_type"] = state, text, "PREORDER"
	if t.Kind == lakalaByCode {
		v["trade_main_type"] = "MICROPAY"
	}
	return v, nil
}

// close shuts an order that a wallet was to scan; a repeat is answered alike.
func (l *lakala) close(m *merchant, in lakalaData) (map[string]any, *lakalaError) {
	t, ok := l.origin(m, in)
	switch {
	case !ok:
		return nil, lklErr(lakalaAbsent, "未查询到交易")
	case in.TermNo != m.Terminal || net.ParseIP(in.LocationInfo.RequestIP) == nil:
		return nil, lklErr(lakalaParam, "参数错误：term_no、location_info.request_ip")
	case t.Kind == lakalaByCode || t.isOrder():
		return nil, lklErr(lakalaParam, "只有主扫订单可以关单")
	}
	if was := l.bank.shut(t.ID); was == paid || was == revoked {
		return nil, lklErr(lakalaPaid, "订单已支付")
	}
	return map[string]any{"origin_out_trade_no": t.OutTradeNo, "origin_trade_no": t.TransactionID,
		"trade_time": at14(l.cfg.Now())}, nil
}

// origin is the payment that origin_trade_no, origin_log_no or origin_out_trade_no names, in this order.
func (l *lakala) origin(m *merchant, in lakalaData) (trade, bool) {
	var t trade
	var ok bool
	switch {
	case in.OriginTradeNo != "":
		t, ok = l.bank.find(in.OriginTradeNo)
		ok = ok && t.TransactionID == in.OriginTradeNo
	case in.OriginLogNo != "":
		t, ok = l.bank.find(lakalaLogKey(in.OriginLogNo))
	case in.OriginTradeRefNo != "":
		t, ok = l.bank.bySlip("lakala", m, Slip{ReferenceNo: in.OriginTradeRefNo})
	default:
		return l.bank.byNumber("lakala", m, in.OriginOutTradeNo)
	}
	return t, ok && t.Merchant == m
}
