package sandbox

import (
	"net/url"
	"regexp"
	"strings"

	"linlipay/money"
)

// smzfAmount is yuan with two decimals.
var smzfAmount = regexp.MustCompile(`^(0|[1-9][0-9]{0,8})\.[0-9]{2}$`)

func smzfYuan(text string) (money.Fen, bool) {
	amount, err := money.ParseYuan(text)
	return amount, err == nil && amount > 0 && smzfAmount.MatchString(text)
}

func smzfBad(name string) smzfAnswer { return smzfRefused(smzfBadParam, "参数错误："+name) }

// fresh is the trade that a charge asks for; bad names the field that is not right.
func (r *ruiyinxin) fresh(m *merchant, q smzfQuestion) (t trade, bad string) {
	back, err := url.Parse(q.callBack)
	amount, isAmount := smzfYuan(q.data["totalAmount"])
	switch {
	case q.data["merchantCode"] == "":
		return trade{}, "merchantCode"
	case !isAmount:
		return trade{}, "totalAmount"
	case q.data["subject"] == "" || !takesText(q.data["subject"], smzfSubjectMost):
		return trade{}, "subject"
	case err != nil || q.callBack != "" && back.Host == "":
		return trade{}, "callBack"
	}
	return trade{
		Institution: "ruiyinxin", Merchant: m, OutTradeNo: q.number, Title: q.data["subject"], Amount: amount,
		NotifyURL: q.callBack,
		ExpiresAt: r.cfg.Now().Add(smzfValid), TransactionID: r.bank.number("ruiyinxin"),
	}, ""
}

// smzfWallet is the wallet that payWay names.
func smzfWallet(payWay string) (Wallet, bool) {
	for _, w := range wallets() {
		if smzfPayWays()[w] == payWay {
			return w, true
		}
	}
	return "", false
}

// create is 002 扫码支付: a QR of the wallet that payWay names.
func (r *ruiyinxin) create(m *merchant, q smzfQuestion) smzfAnswer {
	fresh, bad := r.fresh(m, q)
	wallet, known := smzfWallet(q.data["payWay"])
	switch {
	case bad != "":
		return smzfBad(bad)
	case !known:
		return smzfBad("payWay")
	}
	fresh.Wallet, fresh.Kind = wallet, "002"
	fresh.Code = map[Wallet]string{
		WechatWallet: "weixin://wxpay/bizpayurl?pr=" + randomHex(5), AlipayWallet: "https://qr.alipay.com/bax" +
			randomHex(11),
		UnionPay: "https://qr.95516.com/00010000/" + randomHex(15),
	}[wallet]
	t, refused := r.obtain(fresh, q)
	if refused != nil {
		return *refused
	}
	return smzfAnswer{"S", smzfDone, "交易成功", t.TransactionID, map[string]string{"qrCode": t.Code}}
}

// jsapiOrder is 010 公众号支付, inside the WeChat app.
func (r *ruiyinxin) jsapiOrder(m *merchant, q smzfQuestion) smzfAnswer {
	fresh, bad := r.fresh(m, q)
	switch {
	case bad != "":
		return smzfBad(bad)
	case q.data["payWay"] != "" && q.data["payWay"] != smzfPayWays()[WechatWallet]:
		return smzfBad("payWay")
	case q.data["subAppid"] != m.wechat.App || !strings.HasPrefix(q.data["userId"], "o"):
		return smzfBad("subAppid、userId")
	}
	fresh.Wallet, fresh.Kind, fresh.Payer, fresh.Prepay = WechatWallet, "010", q.data["userId"], "wx"+randomHex(17)
	t, refused := r.obtain(fresh, q)
	if refused != nil {
		return *refused
	}
	params, err := r.wcpay(t)
	if err != nil {
		return smzfRefused(smzfSystem, "系统异常")
	}
	return smzfAnswer{"S", smzfDone, "交易成功", t.TransactionID, map[string]string{"wxjsapiStr": params}}
}

// obtain makes the trade or finds the one made before with the same terms.
func (r *ruiyinxin) obtain(fresh trade, q smzfQuestion) (trade, *smzfAnswer) {
	fresh.Terms = smzfTerms(fresh, q)
	t, made := r.bank.make(fresh)
	var refused smzfAnswer
	switch {
	case t.Terms != fresh.Terms:
		refused = smzfRefused(smzfUsed, "请求流水号重复")
	case made || t.State == unpaid:
		return t, nil
	case t.State == paid:
		refused = smzfRefused(smzfPaid, "订单已支付")
	default:
		refused = smzfRefused(smzfClosed, "订单已关闭")
	}
	return t, &refused
}

// smzfTerms are what a repeat must agree in.
func smzfTerms(t trade, q smzfQuestion) string {
	return strings.Join([]string{t.Kind, q.data["payWay"], t.Amount.Yuan(), q.data["userId"], t.Title}, " ")
}

// existing finds the payment that a request names. Card payments are not known to this interface.
func (r *ruiyinxin) existing(m *merchant, q smzfQuestion) (trade, bool) {
	t, ok := r.bank.byNumber("ruiyinxin", m, q.data["oriReqMsgId"])
	return t, ok && t.Wallet != BankCard
}

// query is 006 交易查询, about a payment or a refund.
func (r *ruiyinxin) query(m *merchant, q smzfQuestion) smzfAnswer {
	if t, ok := r.existing(m, q); ok {
		return smzfAnswer{"S", smzfDone, "交易成功", t.TransactionID, r.view(t)}
	}
	if got, ok := r.bank.refundAsked(refund{Institution: "ruiyinxin", Merchant: m.ID,
		OutRefundNo: q.data["oriReqMsgId"]}); ok {
		return smzfAnswer{"S", smzfDone, "交易成功", got.ID, r.refundView(got)}
	}
	return smzfRefused(smzfNoTrade, "原交易不存在")
}

// smzfState is what became of a payment, in the institution's words. What was cancelled after it was paid still
// succeeded; isClearOrCancel tells.
func smzfState(t trade) (kind, code, text string) {
	switch {
	case t.Asking:
		return "R", smzfAsking, "用户支付中"
	case t.State == unpaid:
		return "R", smzfUnderWay, "等待支付"
	case t.State == declined:
		return "E", smzfPayerNo, "支付失败"
	case t.State == closed || t.PaidAt.IsZero():
		return "E", smzfClosed, "订单已关闭"
	}
	return "S", smzfDone, "交易成功"
}

func (r *ruiyinxin) view(t trade) map[string]string {
	v := r.paidView(t)
	v["oriReqMsgId"] = t.OutTradeNo
	v["oriRespType"], v["oriRespCode"], v["oriRespMsg"] = smzfState(t)
	if t.State == closed || t.State == revoked {
		v["isClearOrCancel"] = "1"
	}
	return v
}

// paidView is what the answer to a charge, to a query and a callback say of a payment.
func (r *ruiyinxin) paidView(t trade) map[string]string {
	v := map[string]string{"totalAmount": t.Amount.Yuan(), "isClearOrCancel": "0"}
	if !t.PaidAt.IsZero() {
		at := t.PaidAt.In(shanghai)
		v["buyerPayAmount"], v["payTime"], v["settleDate"] = t.Amount.Yuan(), at.Format("20060102150405"),
			at.Format("20060102")
		v["channelNo"], v["buyerId"], v["payType"] = "42"+t.TransactionID, t.Payer, "1"
	}
	return v
}
