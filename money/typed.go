package money

import (
	"regexp"
	"strings"
)

// MostTyped is the largest amount that a person may type: ten digits before the point. Ours: it is far above any bill,
// and below 2^53 fen, up to which a browser counts exactly.
const MostTyped Fen = 9_999_999_999_99

// Refusal is why a text that a person typed is no amount. It is an error, and has a sentence for that person.
type Refusal string

// The refusals. A text that breaks several rules is refused for the first of them.
const (
	NothingTyped  Refusal = "missing"  // nothing, or a sign of the currency alone
	HiddenTyped   Refusal = "hidden"   // a character that cannot be seen: what the person sees may not be what is there
	SignTyped     Refusal = "sign"     // plus or minus: nothing that people type here can be negative
	SpaceTyped    Refusal = "space"    // a space between digits: a slip, or two numbers
	NoNumberTyped Refusal = "form"     // anything that is no digit, comma or point
	DotTyped      Refusal = "dot"      // several points, or one without digits on both sides
	CommaTyped    Refusal = "comma"    // a comma that does not stand between groups of three
	DecimalsTyped Refusal = "decimals" // more than two decimals
	ZerosTyped    Refusal = "zeros"    // zeros in front: a point may be missing behind the first
	TooMuchTyped  Refusal = "large"    // more than MostTyped
)

// Refusals lists all of them.
func Refusals() []Refusal {
	return []Refusal{
		NothingTyped, HiddenTyped, SignTyped, SpaceTyped, NoNumberTyped,
		DotTyped, CommaTyped, DecimalsTyped, ZerosTyped, TooMuchTyped,
	}
}

// Error is the text for the log.
func (r Refusal) Error() string {
	_, en := r.Sentence()
	return "money: " + en
}

// Sentence tells the person how to write the amount. testdata/typed.json has the same sentences, and the pages too.
func (r Refusal) Sentence() (zh, en string) {
	switch r {
	case NothingTyped:
		return "请填写金额，如 1234.50", "Enter an amount, such as 1234.50"
	case HiddenTyped:
		return "金额中有看不见的字符，请清空后重新输入",
			"The amount holds a character that cannot be seen: clear the field and type it again"
	case SignTyped:
		return "金额不带正负号，请写成 1234.50", "No plus or minus: write the amount as 1234.50"
	case SpaceTyped:
		return "金额中间不能有空格，请写成 1234.50", "No space within the amount: write it as 1234.50"
	case DotTyped:
		return "小数点只能有一个，前后都要有数字，如 0.50", "One decimal point with digits on both sides, such as 0.50"
	case CommaTyped:
		return "金额请写成 1234.50；逗号只用于千位分隔，如 1,234.50",
			"Write the amount as 1234.50; a comma only parts thousands, as in 1,234.50"
	case DecimalsTyped:
		return "金额最多两位小数，如 1234.50", "Two decimals at most, as in 1234.50"
	case ZerosTyped:
		return "金额开头多了 0，请写成 1234.50 或 0.50", "Zeros in front: write the amount as 1234.50 or 0.50"
	case TooMuchTyped:
		return "金额过大，最多 9,999,999,999.99", "Too large: 9,999,999,999.99 at most"
	default:
		return "无法识别金额，请写成 1234.50", "Not an amount in yuan: write it as 1234.50"
	}
}

const (
	// spaces may stand around an amount, and between it and the currency: of keyboards, input methods, web pages and
	// cells.
	spaces = "\t\n\v\f\r \u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a" +
		"\u2028\u2029\u202f\u205f\u3000"
	// wrapping is what programs put around a text that is copied from them, without any effect on how digits are shown.
	wrapping = "\u200b\u200c\u200d\u200e\u2060\ufeff\u202a\u202c\u202d\u2066\u2069"
	// signs are plus, minus, and the dashes that people take for minus.
	signs = "+-\u2010\u2011\u2012\u2013\u2014\u2015\u2212"
)

var (
	// hidden are characters that cannot be seen, or that turn round how others are shown.
	hidden = regexp.MustCompile(`[\x00-\x08\x0e-\x1f\x7f-\x{9f}\x{ad}\x{61c}\x{180e}\x{200b}-\x{200f}` +
		`\x{202a}-\x{202e}\x{2060}-\x{206f}\x{feff}]`)
	// before and behind the digits the currency may stand.
	before = regexp.MustCompile(`(?i)^(¥|RMB|CNY|人民币) *`)
	behind = regexp.MustCompile(`(?i) *(元整?|RMB|CNY)$`)
	// figures are what is left.
	figures = regexp.MustCompile(`^[0-9., ]+$`)
	// thousands is a number in groups of three. The first group is no zero: 0,500 is half a yuan to whoever writes a
	// comma for the point.
	thousands = regexp.MustCompile(`^[1-9][0-9]{0,2}(,[0-9]{3})+$`)
)

// ParseTyped reads an amount in yuan as a person types it: into a field of a page, a cell of a workbook, the
// configuration. Full-width characters, 。 for the point, spaces around, and the signs of renminbi are understood;
// whatever could mean two amounts is refused. It is never negative, may be zero, and is at most MostTyped. The error
// is a Refusal. testdata/typed.json is the table of cases, which web/src/money.ts reads alike.
func ParseTyped(text string) (Fen, error) {
	text = strings.Trim(text, spaces+wrapping)
	if hidden.MatchString(text) {
		return 0, HiddenTyped
	}
	text = behind.ReplaceAllString(before.ReplaceAllString(strings.Map(narrow, text), ""), "")
	switch {
	case text == "":
		return 0, NothingTyped
	case strings.ContainsAny(text, signs):
		return 0, SignTyped
	case !figures.MatchString(text):
		return 0, NoNumberTyped
	case strings.Contains(text, " "):
		return 0, SpaceTyped
	}
	return parseFigures(text)
}

// parseFigures reads digits, commas and points.
func parseFigures(text string) (Fen, error) {
	whole, cents, pointed := strings.Cut(text, ".")
	plain := strings.ReplaceAll(whole, ",", "")
	switch {
	case strings.Contains(cents, "."), pointed && (whole == "" || cents == ""):
		return 0, DotTyped
	case strings.Contains(cents, ","), whole != plain && !thousands.MatchString(whole):
		return 0, CommaTyped
	case len(cents) > 2:
		return 0, DecimalsTyped
	case len(plain) > 1 && plain[0] == '0':
		return 0, ZerosTyped
	case len(plain) > 10:
		return 0, TooMuchTyped
	case pointed:
		plain += "." + cents
	}
	return ParseYuan(plain)
}

// narrow turns a full-width character into its usual width, any space into the usual one, and 。, which input methods
// type for the point, into one.
func narrow(r rune) rune {
	switch {
	case r == '。':
		return '.'
	case r == '￥':
		return '¥'
	case r >= '！' && r <= '～': // the full-width forms of ! to ~
		return r - '！' + '!'
	case strings.ContainsRune(spaces, r):
		return ' '
	}
	return r
}
