package sandbox

import "time"

// What Shengpay publishes of its aggregate payments (聚合支付) is the order, the notification, the reversal (撤单) and the
// form of its answers. The rest of what is played here is third-party knowledge or assumption; all of it stands in this
// file, to be corrected in one place.

// The endpoints. authPay and closeOrder are names from third parties: authPay takes an order's fields and authCode,
// closeOrder those of a reversal.
const (
	shengpayOnline      = "/pay/unifiedorder"
	shengpayOffline     = "/pay/unifiedorderOffline"
	shengpayQuery       = "/pay/queryOrder"
	shengpayReverse     = "/pay/reverseOrder"
	shengpayRefund      = "/refund/orderRefund"
	shengpayRefundQuery = "/refund/queryRefundOrder"
	shengpayAuthPay     = "/pay/authPay"
	shengpayClose       = "/pay/closeOrder"
	// a day's card payments (刷卡对账单), by billDate; fileContent is CSV in base64
	shengpayBill = "/bill/cardStatement"
)

// The codes of business errors: that there are some is public, their list is not.
const (
	shengpayBadParam     = "PARAM_ERROR"
	shengpayNoOrder      = "ORDER_NOT_EXIST"
	shengpayPaid         = "ORDER_PAID"
	shengpayClosed       = "ORDER_CLOSED"
	shengpayUsed         = "OUT_TRADE_NO_USED"
	shengpayCodeInvalid  = "AUTH_CODE_INVALID"
	shengpayCodeExpired  = "AUTH_CODE_EXPIRE"
	shengpayPayerLow     = "BALANCE_NOT_ENOUGH"
	shengpayMerchantLow  = "MCH_BALANCE_NOT_ENOUGH"
	shengpayNotAllowed   = "ORDER_STATUS_ERROR"
	shengpayNoRefund     = "REFUND_NOT_EXIST"
	shengpayRefundTooBig = "REFUND_FEE_EXCEED"
	shengpayRefundUsed   = "OUT_REFUND_NO_USED"
	shengpayNoBill       = "BILL_NOT_EXIST"
	shengpaySystem       = "SYSTEM_ERROR"
)

// The tradeType of a payment by code, by its wallet. Third parties list the names, without saying that authPay answers
// with them.
func shengpayScans() map[Wallet]string {
	return map[Wallet]string{WechatWallet: "wx_scan", AlipayWallet: "alipay_scan", UnionPay: "upacp_scan"}
}

// shengpaySchedule are the pauses between deliveries. Ten deliveries with growing pauses are public; the pauses are
// not.
func shengpaySchedule() (pauses []time.Duration) {
	for pause := 15 * time.Second; len(pauses) < 9; pause *= 2 {
		pauses = append(pauses, pause)
	}
	return pauses
}

// shengpayStatus is the word for a trade. That PAY_SUCCESS gives way to the words of refunds is third-party knowledge;
// that a partial refund does so, and that a reversed payment is CLOSED, is assumption.
func shengpayStatus(t trade) string {
	switch {
	case t.State == paid && t.GivenBack > 0:
		return "REFUND_SUCCESS"
	case t.State == paid && t.givingBack():
		return "REFUND_ING"
	case t.Asking:
		return "PAY_ING"
	}
	return map[tradeState]string{unpaid: "PAY_INIT", paid: "PAY_SUCCESS", declined: "PAY_FAIL", closed: "CLOSED",
		revoked: "CLOSED"}[t.State]
}

// shengpayRefundStatus is the word for a refund; that of a failure is assumed.
func shengpayRefundStatus(r refund) string {
	return map[refundState]string{refunding: "REFUND_ING", refundDone: "REFUND_SUCCESS",
		refundClosed: "REFUND_FAIL"}[r.State]
}

// shengpayKinds are what the codes above mean, in the form in which a merchant enters them.
const shengpayKinds = "ORDER_NOT_EXIST=absent,ORDER_PAID=paid,ORDER_CLOSED=closed," +
	"AUTH_CODE_INVALID=refused:code_invalid,AUTH_CODE_EXPIRE=refused:code_expired," +
	"BALANCE_NOT_ENOUGH=refused:balance_low,MCH_BALANCE_NOT_ENOUGH=refused:merchant_balance,REFUND_NOT_EXIST=absent," +
	"REFUND_FEE_EXCEED=refused," +
	"OUT_TRADE_NO_USED=refused,OUT_REFUND_NO_USED=refused,ORDER_STATUS_ERROR=refused,PARAM_ERROR=refused," +
	"SYSTEM_ERROR=busy,BILL_NOT_EXIST=absent"
