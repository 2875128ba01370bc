package sandbox

import "time"

// Ruiyinxin publishes nothing. Names of fields, the envelope, the transaction codes and the codes marked T below are
// third-party knowledge; the rest is assumption. All of what is assumed stands in this file, to be corrected in one
// place.

// The addresses that take requests: the real one, and the root.
const smzfPath = "/ydzf/ydzf-smzf"

// The codes of answers.
const (
	smzfDone        = "000000" // T
	smzfAsking      = "2068"   // T: the payer is asked for a password
	smzfUnderWay    = "200002" // T
	smzfForged      = "200001"
	smzfBadParam    = "200010"
	smzfNoTrade     = "200020"
	smzfPaid        = "200021"
	smzfClosed      = "200022"
	smzfUsed        = "200023"
	smzfNotAllowed  = "200024"
	smzfCodeInvalid = "200030"
	smzfCodeExpired = "200031"
	smzfPayerLow    = "200032"
	smzfPayerNo     = "200033"
	smzfTooMuch     = "200040"
	smzfMerchantLow = "200041"
	smzfRefundShut  = "200042"
	smzfNoBill      = "200050"
	smzfSystem      = "999999"
)

// smzfKinds are what the codes above mean, in the form in which a merchant enters them.
const smzfKinds = smzfForged + "=refused," + smzfBadParam + "=refused," + smzfNoTrade + "=absent," + smzfPaid +
	"=paid," + smzfClosed + "=closed," + smzfUsed + "=refused," +
	smzfNotAllowed + "=refused," + smzfCodeInvalid + "=refused/code_invalid," + smzfCodeExpired +
	"=refused/code_expired," + smzfPayerLow + "=refused/balance_low," +
	smzfPayerNo + "=refused/payer_refused," + smzfTooMuch + "=refused," + smzfMerchantLow +
	"=refused/merchant_balance," + smzfRefundShut + "=refused," +
	smzfNoBill + "=busy," + smzfSystem + "=busy"

// smzfSubjectMost is the longest subject, in bytes: assumed to be that of the wallet which takes least.
const smzfSubjectMost = 127

// smzfPayWays are the words of payWay; one third party knows UnionPay's.
func smzfPayWays() map[Wallet]string {
	return map[Wallet]string{WechatWallet: "WXZF", AlipayWallet: "ZFBZF", UnionPay: "UPZF", BankCard: "CARD"}
}

// smzfValid is how long an order can be paid: no field of a request says it.
const smzfValid = 2 * time.Hour

// ruiyinxinSchedule are the pauses between a notification's deliveries.
func ruiyinxinSchedule() []time.Duration {
	m, h := time.Minute, time.Hour
	return []time.Duration{1 * m, 5 * m, 10 * m, 30 * m, 1 * h, 2 * h}
}
