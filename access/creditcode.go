package access

import (
	"strings"

	"linlipay/fault"
)

// creditDigits are the characters of a unified social credit code in the order of their values: no I, O, S, V and Z,
// which are read as figures.
const creditDigits = "0123456789ABCDEFGHJKLMNPQRTUWXY"

// CheckCreditCode is the Invalid fault of what is no 统一社会信用代码: 18 characters, of which the last checks the others
// (GB 32100-2015: each value times a power of 3, modulo 31). It is a company's tax number too.
func CheckCreditCode(code string) error {
	if len(code) != 18 {
		return badCreditCode()
	}
	sum, weight := 0, 1
	for i := range 17 {
		value := strings.IndexByte(creditDigits, code[i])
		if value < 0 {
			return badCreditCode()
		}
		sum += value * weight
		weight = weight * 3 % 31
	}
	if strings.IndexByte(creditDigits, code[17]) != (31-sum%31)%31 {
		return badCreditCode()
	}
	return nil
}

func badCreditCode() error {
	return fault.New(fault.Invalid, "统一社会信用代码不正确：须为营业执照上的 18 位代码，请逐位核对。",
		"The unified social credit code is not right: it is the 18 characters on the business licence.").
		With("field", "tax_number")
}
