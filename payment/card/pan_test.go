package card_test

import (
	"strings"
	"testing"
	"unicode"

	"pgregory.net/rapid"

	"linlipay/payment/card"
)

// The numbers are the card networks' published test numbers; the check digits of the Chinese ones were computed with
// another program.
func TestHasCardNumber(t *testing.T) {
	for text, want := range map[string]bool{
		"4111111111111111": true, "4222222222222": true, "5555555555554444": true, "2223003122003222": true,
		"378282246310005": true,
		"30569309025904":  true, "3530111333300000": true, "6011111111111117": true, "6200000000000005": true,
		"6205500000000000004": true,
		"6222020200000000007": false, "6222020200000000006": true, "9558800000000000001": false,
		"9558800000000000000": true,

		"6205 5000 0000 0000 004": true, "6205-5000-0000-0000-004": true, "3782 822463 10005": true,
		"622202 0200000000006": true, "4111  1111 - 1111 1111": true,
		"卡号6222020200000000006，张三": true, `{"card":"6222020200000000006","x":1}`: true, "４１１１　１１１１　１１１１　１１１１": true,
		"4111\u00a01111\u20111111\u20111111": true,
		"2026-11-24 4111 1111 1111 1111":     true, "4111 1111 1111 1111 13800138000": true,
		"4111 1111 1111 1111 2026-11-24":          true,
		";6222020200000000006=25122010000000000?": true, "6222020200000000006d25122010000000000f": true,
		"6222020200000000006D2512": true,

		"4111.1111.1111.1111": true, "4111/1111/1111/1111": true, "4111_1111_1111_1111": true,
		"6222_0202.0000/0000006": true, "4111．1111．1111．1111": true,
		"4111／1111／1111／1111": true, "4111＿1111＿1111＿1111": true, "4111。1111。1111。1111": true,
		"4111·1111·1111·1111": true, "4111\\1111\\1111\\1111": true,
		"4111,1111,1111,1111": true, "4111:1111:1111:1111": true, "4111|1111|1111|1111": true,
		"4111⁄1111⁄1111⁄1111": true, "3782.822463.10005": true,
		"4111 / 1111 / 1111 / 1111": true, "卡_6222020200000000006_张三": true, "/4111111111111111/": true,
		"4111111111111111.00": true, "a.4111111111111111.b": true,
		"4111\u200b1111\u200b1111\u200b1111": true, "4111\u30001111\u30001111\u30001111": true,

		"4111\u20601111\u20601111\u20601111": true, "41\u200b11\u200b11\u200b11\u200b11\u200b11\u200b11\u200b11": true,
		"\u202a4111\u202c1111\u202d1111\u202e1111": true, "4111\u206611\u20671111\u206811\u20691111": true,
		strings.Join(strings.Split("4111111111111111", ""), "\u00ad"): true,
		"4111111111111111\u200b2026":                                  true,
		"4111 \u20601111 \u20601111 \u20601111":                       true,
		"4111\u034f1111\u31641111\ufe0f1111":                          true, "4\ufe0f\u20e3111\u0336111111111111": true,
		"٤١١١١١١١١١١١١١١١": true, "٤١١١ ١١١١ ١١١١ ١١١١": true, "۴۱۱۱۱۱۱۱۱۱۱۱۱۱۱۱": true,
		"४१११११११११११११११": true,
		"𝟒𝟏𝟏𝟏𝟏𝟏𝟏𝟏𝟏𝟏𝟏𝟏𝟏𝟏𝟏𝟏": true,
		"𝟺𝟷𝟷𝟷𝟷𝟷𝟷𝟷𝟷𝟷𝟷𝟷𝟷𝟷𝟷𝟷": true, "４111١١١١1111𝟏𝟏𝟏𝟏": true,
		"٤١١١١١١١١١١١١١١٢": false, "4111\u20601111\u20601111\u20601112": false,

		"2026.11.24 09:30:15.123456": false, "2026/11/24/0930/1512": false, "192.168.100.200": false,
		"10.0.0.1:8080": false, "1,234,567.89": false, "6101、6102、6103、6104": false,
		"1234.5678": false, "2026_11_24_0001": false, "13800138000/13900139000": false, "4111*1111*1111*1111": false,
		"/v1/orders/202611240900000000000001/refunds/1": false,

		"": false, "622202******0002": false, "622202*********0002": false, "6222 **** **** 0002": false,
		"411111 1111": false, "4111\n1111\n1111\n1111": false,
		"20261124090000000000000101": false, "202611240900000000000001": false, "202611240900000000000001R01": false,
		"4200001234202611241234567890": false,
		"2026112422001234561234567890": false, "134567890123456789": false, "287654321098765432": false,
		"13800138000": false, "138-0013-8000": false,
		"20261124093015": false, "1732411815123": false, "66210208860832": false, "41111111111111111111": false,
		"4111111111111112": false, "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08": false,
		"ab4111111111111111ce": false,
	} {
		if got := card.HasCardNumber(text); got != want {
			t.Errorf("HasCardNumber(%q) = %t", text, got)
		}
	}
}

// doubled is what doubling a digit adds to the sum of the check digit.
var doubled = [...]int{0, 2, 4, 6, 8, 1, 3, 5, 7, 9}

// cards draws a card number: its check digit is found by summing from the left, as a card's issuer does.
func cards() *rapid.Generator[string] {
	return rapid.Custom(func(t *rapid.T) string {
		form := rapid.SampledFrom([]struct {
			prefix string
			length int
		}{{"62", 16}, {"62", 17}, {"62", 18}, {"62", 19}, {"6011", 16}, {"4", 13}, {"4", 16}, {"5", 16}, {"34", 15},
			{"36", 14}, {"35", 16}, {"9558", 19}, {"2500", 16}}).Draw(t, "form")
		body := form.prefix + rapid.StringMatching(`[0-9]{20}`).Draw(t, "digits")
		body = body[:form.length-1]
		sum := 0
		for i, c := range body {
			if (len(body)-i)%2 == 1 {
				sum += doubled[c-'0']
			} else {
				sum += int(c - '0')
			}
		}
		return body + string(rune('0'+(10-sum%10)%10))
	})
}

func TestEveryCardNumberIsFoundInAnyText(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		number := cards().Draw(t, "card")
		separator := rapid.SampledFrom([]string{"", " ", "-", "　", " - ", ".", "/", "_", ", ", "·", "．", " / "}).Draw(t,
			"separator")
		var groups []string
		for rest := number; rest != ""; {
			n := min(len(rest), rapid.IntRange(4, 8).Draw(t, "group"))
			groups, rest = append(groups, rest[:n]), rest[n:]
		}
		around := rapid.StringMatching(`[张号：A-Z,"=*\n]{1,8}`)
		text := around.Draw(t, "before") + strings.Join(groups, separator) + around.Draw(t, "after")
		if !card.HasCardNumber(text) {
			t.Fatalf("no card number in %q", text)
		}
		at := rapid.IntRange(2, len(number)-1).Draw(t, "position")
		wrong := number[:at] + string((number[at]-'0'+byte(rapid.IntRange(1, 9).Draw(t, "change")))%10+'0') +
			number[at+1:]
		if card.HasCardNumber(wrong) { // the check digit finds every wrong digit
			t.Fatalf("a card number in %q", wrong)
		}
	})
}

func TestNumbersOfOursAreNoCardNumbers(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		number := rapid.StringMatching(`20[0-9]{22}(R[0-9]{2}|[0-9]{2})?|4200[0-9]{24}|1[0-5][0-9]{16}|2[5-9][0-9]{1`+
			`4}|1[3-9][0-9]{9}|[0-9]{20,32}`).Filter(func(number string) bool {
			// a payment code of 16 digits that begins so may look like a card
			return len(number) != 16 || number[:4] > "2720"
		}).Draw(t, "number")
		if card.HasCardNumber(number) {
			t.Fatalf("a card number in %q", number)
		}
	})
}

// A track and a number that a device hands back are found and masked in whatever digits they are.
func TestNoSecretHidesInItsDigits(t *testing.T) {
	for _, value := range []string{"6222\u20600202\u206002000\u206000000\u20607=2512\u2060201",
		"٦٢٢٢٠٢٠٢٠٠٠٠٠٠٠٠٠٠٧=٢٥١٢٢٠١",
		"41\u206011\u20601111\u206011111111"} {
		name, masked := card.WithoutSecrets("remark", value)
		if card.RefuseSecrets(map[string]string{"remark": value}) == nil || name != "remark" || masked != "***" {
			t.Errorf("%+q is shown as %+q", value, masked)
		}
	}
}

// The digits of every script are read as what they count.
func TestEveryScriptsDigitsCount(t *testing.T) {
	for _, row := range unicode.Nd.R16 {
		for zero := rune(row.Lo); zero <= rune(row.Hi); zero += 10 {
			number := strings.Map(func(c rune) rune { return zero + c - '0' }, "6222020200000000006")
			if row.Stride != 1 || (row.Hi-row.Lo)%10 != 9 || !card.HasCardNumber(number) {
				t.Errorf("U+%04X: no card number in %s", zero, number)
			}
		}
	}
}

func FuzzHasCardNumber(f *testing.F) {
	for _, s := range []string{"4111 1111-1111 1111", "6222020200000000006=2512", "622202******0002",
		"２０２６1124 4111111111111111", "\xff4111\xfe1111"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		found := card.HasCardNumber(s)
		digits := 0
		for _, c := range s {
			if unicode.IsDigit(c) {
				digits++
			}
		}
		if found && digits < 13 {
			t.Fatalf("a card number of %d digits in %q", digits, s)
		}
		if card.HasCardNumber("卡"+s+"号") != found || card.HasCardNumber(s+"\n"+s) != found {
			t.Fatalf("what stands around %q changes what it is", s)
		}
		if !card.HasCardNumber(s + "\n4111111111111111") {
			t.Fatalf("%q hides the number after it", s)
		}
	})
}
