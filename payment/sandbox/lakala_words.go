package sandbox

import (
	"errors"
	"time"
)

// The codes that are public, or that clients of third parties agree on.
const (
	lakalaDone      = "BBS00000" // scans: it was understood; a trade's state says the rest
	lakalaPaying    = "BBS10000" // the payer is asked for a password
	lakalaUnderWay  = "BBS11112" // a refund that is on its way
	lakalaCounterOK = "000000"   // the counter's and the unified refund's BBS00000
	lakalaAbsent    = "BBS11114"
	cardRefundFails = "710033" // POSP退款失败
	scanRefundFails = "710035" // LABS退款失败
	cardMissing     = "710036" // 银行卡不能为空
	cardUnderWay    = "710038" // POSP退款中
	scanUnderWay    = "710039" // LABS退款中
	tradeWrong      = "710050" // 原交易拉卡拉交易订单号错误
	referenceWrong  = "710051" // 原交易平台交易参考号错误
	tradeMissing    = "710052" // 原交易拉卡拉交易订单号不能为空
	referenceLacks  = "710053" // 系统参考号不能为空
)

// Assumption: the institution publishes no codes for these. A merchant learns them from it; here from the credentials'
// code_kinds.
const (
	lakalaBadSignature = "GW0003"
	lakalaParam        = "BBS90001"
	lakalaNumberUsed   = "BBS90002"
	lakalaPaid         = "BBS90003"
	lakalaClosed       = "BBS90004"
	lakalaCodeInvalid  = "BBS90005"
	lakalaCodeExpired  = "BBS90006"
	lakalaCodeSpent    = "BBS90007"
	lakalaBalanceLow   = "BBS90008"
	lakalaMerchantLow  = "BBS90009"
	lakalaNoRefund     = "BBS90010"
	lakalaBroken       = "BBS90099"
)

// lakalaCode is what a code means in few words.
type lakalaCode struct{ code, kind string }

// lakalaCodes are the meanings of the codes that are not public.
func lakalaCodes() []lakalaCode {
	return []lakalaCode{
		{lakalaAbsent, "absent"}, {lakalaParam, "refused"}, {lakalaNumberUsed, "refused"}, {lakalaPaid, "paid"},
		{lakalaClosed, "closed"},
		{lakalaCodeInvalid, "refused/code_invalid"}, {lakalaCodeExpired, "refused/code_expired"},
		{lakalaCodeSpent, "refused/code_used"},
		{lakalaBalanceLow, "refused/balance_low"}, {lakalaMerchantLow, "refused/merchant_balance"},
		{lakalaNoRefund, "refused"}, {lakalaBroken, "unknown"},
	}
}

// lakalaError is an answer without success. data comes with it all the same, where there is any.
type lakalaError struct {
	code, text string
	data       map[string]any
}

func lklErr(code, text string) *lakalaError { return &lakalaError{code: code, text: text} }

// lakalaWallets are the account_type of each wallet.
func lakalaWallets() map[string]Wallet {
	return map[string]Wallet{"WECHAT": WechatWallet, "ALIPAY": AlipayWallet, "UQRCODEPAY": UnionPay}
}

func accountType(w Wallet) string {
	for name, wallet := range lakalaWallets() {
		if wallet == w {
			return name
		}
	}
	return ""
}

// scanState is labs' word for a trade, and its text. REFUND is 全部退款(或订单被撤销): also what was revoked, paid before or
// not.
func scanState(t trade) (state, text string) {
	switch {
	case t.State == paid && t.GivenBack >= t.Amount:
		return "REFUND", "已退款"
	case t.State == paid && t.GivenBack > 0:
		return "PART_REFUND", "部分退款"
	case t.Asking:
		return "DEAL", "等待用户输入密码"
	}
	words := map[tradeState][2]string{
		unpaid: {"CREATE", "下单成功"}, paid: {"SUCCESS", "交易成功"}, closed: {"CLOSE", "订单已关闭"}, declined: {"FAIL", "交易失败"},
		revoked: {"REFUND", "订单被撤销"},
	}[t.State]
	return words[0], words[1]
}

// refundWord is the word for a refund.
func refundWord(r refund) string {
	return map[refundState]string{refunding: "DEAL", refundDone: "SUCCESS", refundClosed: "FAIL"}[r.State]
}

// counterState is the counter's word for an order.
func counterState(t trade, now time.Time) string {
	switch {
	case t.State == paid && t.GivenBack > 0:
		return "6"
	case t.State == closed && !t.ExpiresAt.IsZero() && !now.Before(t.ExpiresAt):
		return "4"
	}
	return map[tradeState]string{unpaid: "0", paid: "2", declined: "3", revoked: "5", closed: "7"}[t.State]
}

// lakalaRefundError words why a trade does not allow a refund, under the code that the endpoint has for it.
func lakalaRefundError(code string, err error) *lakalaError {
	switch {
	case errors.Is(err, errNotPaid):
		return lklErr(code, "原交易未支付或已撤销")
	case errors.Is(err, errTooMuch):
		return lklErr(code, "退款金额超过可退金额")
	case errors.Is(err, errTooMany):
		return lklErr(code, "退款次数超限")
	case errors.Is(err, errTooLate):
		return lklErr(code, "原交易已超过退款期限")
	case errors.Is(err, errOtherRefund):
		return lklErr(code, "商户流水号重复")
	case errors.Is(err, errMerchantLow):
		return lklErr(lakalaMerchantLow, "商户可用余额不足")
	}
	return lklErr(lakalaBroken, "系统异常")
}

// at14 is a time as the institution writes it: yyyyMMddHHmmss in Shanghai.
func at14(at time.Time) string { return at.In(shanghai).Format("20060102150405") }
