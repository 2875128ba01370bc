package gateway

import "linlipay/fault"

// WalletOf tells whose payment code it is by its published form: WeChat Pay, 18 digits that begin with 10 to 15;
// Alipay, 16 to 24 digits that begin with 25 to 30; UnionPay, 19 digits that begin with 62. Anything else is an Invalid
// fault. The code itself is never part of the fault.
func WalletOf(code string) (Wallet, error) {
	for _, c := range code {
		if c < '0' || c > '9' {
			return "", notACode()
		}
	}
	switch n := len(code); {
	case n == 18 && code[:2] >= "10" && code[:2] <= "15":
		return WalletWeChat, nil
	case n >= 16 && n <= 24 && code[:2] >= "25" && code[:2] <= "30":
		return WalletAlipay, nil
	case n == 19 && code[:2] == "62":
		return WalletUnionPay, nil
	}
	return "", notACode()
}

func notACode() *fault.Error {
	return fault.New(fault.Invalid, "这不是微信、支付宝或云闪付的付款码，请让住户打开“付款码”后重新扫描。",
		"This is not a payment code of WeChat Pay, Alipay or UnionPay; ask the resident to open theirs and "+
			"scan again.").With("decline_reason", string(CodeInvalid))
}
