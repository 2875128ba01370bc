package sandbox

import (
	"errors"
	"net"
	"regexp"
	"time"
)

// lakalaByCode is the kind of a trade that a payment code began.
const lakalaByCode = "MICROPAY"

// lakalaAuthCode are the codes of WeChat, Alipay and UnionPay, and of the wallets that nobody shows here: e-CNY (01),
// BestPay (51) and Suning (83).
var lakalaAuthCode = regexp.MustCompile(
	`^(1[0-5][0-9]{16}|(2[5-9]|30)[0-9]{14,22}|62[0-9]{17}|(01|51|83)[0-9]{15,22})$`)

// micropay charges the wallet behind a payment code (被扫). The code tells which wallet it is. A payment is notified
// only where the answer was 交易中.
func (l *lakala) micropay(m *merchant, in lakalaData) (map[string]any, *lakalaError) {
	if failed := in.checkScan(m); failed != nil {
		return nil, failed
	}
	if !lakalaAuthCode.MatchString(in.AuthCode) {
		return nil, lklErr(lakalaCodeInvalid, "付款码不正确")
	}
	if !subjectFor(walletOfCode(in.AuthCode), in.Subject) {
		return nil, lklErr(lakalaParam, "参数错误：subject")
	}
	wanted := trade{
		Institution: "lakala", Wallets: wallets(), Merchant: m, OutTradeNo: in.OutTradeNo,
		TransactionID: l.bank.number("lakala"), Title: in.Subject,
		Amount: in.TotalAmount.fen, Kind: lakalaByCode, NotifyURL: in.NotifyURL, Exists: true,
		Terms: "code" + in.Subject + in.TotalAmount.fen.Yuan(),
	}
	_, ask := l.faults.strike(occasion{"lakala", in.OutTradeNo, "code"}, UserPaying)
	t, fresh, err := l.bank.present(wanted, in.AuthCode, ask, false)
	if failed := lakalaCodeError(err); failed != nil {
		return nil, failed
	}
	switch {
	case t.Terms != wanted.Terms:
		return nil, lklErr(lakalaNumberUsed, "商户流水号重复")
	case t.Asking:
		return nil, &lakalaError{lakalaPaying, "等待用户输入密码", l.charged(t, "1")}
	case !fresh:
		failed := obtained(t, false, wanted)
		return nil, failed
	}
	return l.charged(t, "0"), nil
}

// charged is what is answered of a charge by code. need_query 1 says that it is under way and must be queried.
func (l *lakala) charged(t trade, needQuery string) map[string]any {
	payer := map[string]string{"user_id": t.Payer}
	if t.Wallet == WechatWallet {
		payer = map[string]string{"open_id": t.Payer}
	}
	return l.scanHead(t, l.payment(t), map[string]any{"need_query": needQuery, "acc_resp_fields": payer})
}

// walletOfCode is the wallet that a payment code's first digits belong to; "" is one that nobody has here.
func walletOfCode(code string) Wallet {
	switch code[0] {
	case '1':
		return WechatWallet
	case '2', '3':
		return AlipayWallet
	case '6':
		return UnionPay
	}
	return ""
}

func lakalaCodeError(err error) *lakalaError {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, errCodeUnknown):
		return lklErr(lakalaCodeInvalid, "付款码无效")
	case errors.Is(err, errCodeExpired):
		return lklErr(lakalaCodeExpired, "付款码已过期")
	case errors.Is(err, errCodeSpent):
		return lklErr(lakalaCodeSpent, "付款码已使用")
	case errors.Is(err, errBalanceLow):
		return lklErr(lakalaBalanceLow, "用户余额不足")
	}
	return lklErr(lakalaBroken, "系统异常")
}

// revoke is 撤销: it undoes a payment by code of the same day. A repeat is answered alike.
func (l *lakala) revoke(m *merchant, in lakalaData) (map[string]any, *lakalaError) {
	t, ok := l.origin(m, in)
	today := l.cfg.Now().In(shanghai).Format(time.DateOnly)
	switch {
	case !ok:
		return nil, lklErr(lakalaAbsent, "未查询到原交易")
	case in.OutTradeNo == "" || len(in.OutTradeNo) > 32 || in.OutTradeNo == t.OutTradeNo || in.TermNo != m.Terminal ||
		net.ParseIP(in.LocationInfo.RequestIP) == nil:
		return nil, lklErr(lakalaParam, "参数错误：out_trade_no、term_no、location_info.request_ip")
	case t.Kind != lakalaByCode || t.CreatedAt.In(shanghai).Format(time.DateOnly) != today || len(t.refunds) > 0:
		return nil, lklErr(lakalaNoRefund, "该交易不能撤销，请使用退款")
	}
	if t.State == paid {
		if _, low := l.faults.strike(occasion{"lakala", t.OutTradeNo, "reverse"}, MerchantBalanceLow); low {
			return nil, lklErr(lakalaMerchantLow, "商户可用余额不足")
		}
	}
	if _, err := l.bank.reverse(t.ID, revoked); err != nil {
		return nil, lklErr(lakalaBroken, "系统异常")
	}
	l.bank.alias(t.ID, revocationKey(m, in.OutTradeNo))
	return map[string]any{
		"merchant_no": m.ID, "out_trade_no": in.OutTradeNo, "trade_no": undoingNo(t),
		"origin_out_trade_no": t.OutTradeNo,
		"origin_trade_no":     t.TransactionID, "origin_log_no": logNo(t.TransactionID),
		"total_amount": fenText(t.Amount), "trade_time": at14(l.cfg.Now()),
	}, nil
}

// revocationKey is how a charge is found by the merchant's number of its revocation.
func revocationKey(m *merchant, number string) string {
	return "revocation:" + outKey("lakala", m.ID, number)
}

// revocation is a revocation as tradequery tells it under its own number.
func (l *lakala) revocation(t trade, number string) map[string]any {
	return map[string]any{
		"merchant_no": t.Merchant.ID, "out_trade_no": number, "trade_no": undoingNo(t), "log_no": logNo(undoingNo(t)),
		"account_type": accountType(t.Wallet), "trade_main_type": "CANCEL", "trade_state": "SUCCESS",
		"trade_state_desc": "交易成功", "total_amount": fenText(t.Amount),
	}
}

// undoingNo is the institution's number of a revocation or a void, which follows from the payment's.
func undoingNo(t trade) string { return t.TransactionID[:8] + "67" + t.TransactionID[10:] }

// alias makes a trade found by another text.
func (b *bank) alias(id, text string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.byText[text] = b.byText[id]
}
