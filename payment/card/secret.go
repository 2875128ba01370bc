package card

import (
	"errors"
	"maps"
	"regexp"
	"slices"
	"strings"
	"unicode"
)

// Bounds of what is kept of what a device handed back.
const (
	fieldsMost   = 100  // of one result
	fieldMost    = 4096 // bytes of one field of a result that is taken
	fieldShown   = 400  // bytes of one field of a result that is not
	hidden       = "***"
	secretDigits = 12 // a number this long is masked in a field that holds a secret
)

// track is a magnetic stripe's data, or the same of a chip (tag 57), whatever its check digit: number, separator,
// expiry and service code.
var track = regexp.MustCompile(`[0-9]{12,19}[=Dd^][0-9]{7}|%?[Bb][0-9]{12,19}\^`)

// secretNames are names, without what parts their words, of fields that hold a track, chip data, a PIN or a check
// value.
var secretNames = regexp.MustCompile(`^(track[123]?|track[123]?data|magstripe|pin|pinblock|pindata|cv[vnc]2?|icdata|` +
	`icc?data|(field|de|f)?55)$`)

// RefuseSecrets is an error when what a device handed back holds a full card number, a track, chip data, a PIN or a
// check value, whatever the field; else nil. The error does not repeat it.
func RefuseSecrets(fields map[string]string) error {
	for name, value := range fields {
		if text := name + "\n" + value; HasCardNumber(text) || slices.ContainsFunc(readings(text), track.MatchString) {
			return errors.New("payment: a field holds a full card number or a track")
		}
		if value != "" && namesSecret(name) {
			return errors.New("payment: a field is a track, chip data, a PIN or a check value")
		}
	}
	return nil
}

// namesSecret reports whether a field of that name holds a secret, however its words are parted.
func namesSecret(name string) bool {
	plain := strings.ToLower(strings.NewReplacer("_", "", "-", "", ".", "", " ", "").Replace(name))
	return secretNames.MatchString(plain)
}

// ShownFields are a result's fields as people may see them: without secrets, control characters, and more than can be
// read. whole is false where anything is missing.
func ShownFields(fields map[string]string) (shown map[string]string, whole bool) {
	shown, whole = make(map[string]string, min(len(fields), fieldsMost)), true
	for _, name := range slices.Sorted(maps.Keys(fields)) {
		if len(shown) == fieldsMost {
			return shown, false
		}
		n, v := WithoutSecrets(name, fields[name])
		n, v = oneLine(n), oneLine(v)
		shown[n], whole = v, whole && n == name && v == fields[name]
	}
	return shown, whole
}

// WithoutSecrets masks what RefuseSecrets refuses in a field: long numbers within it, or all of it.
func WithoutSecrets(name, value string) (string, string) {
	refused := func(name, value string) bool { return RefuseSecrets(map[string]string{name: value}) != nil }
	if !refused(name, value) {
		return name, value
	}
	if refused(name, "") {
		name = hidden
	}
	isTrack := slices.ContainsFunc([]string{plainDigits(value, ' '), plainDigits(value, -1)}, track.MatchString)
	if masked := maskDigits(value); !isTrack && !refused(name, masked) {
		return name, masked
	}
	return name, hidden
}

// maskDigits takes the long numbers out of a text, in whatever way their digits are parted.
func maskDigits(text string) string {
	return digitChain.ReplaceAllStringFunc(plainDigits(text, -1), func(chain string) string {
		if digits := strings.NewReplacer(" ", "", "-", "").Replace(chain); len(digits) < secretDigits {
			return chain
		}
		return hidden
	})
}

// oneLine is a text as a list shows it: on one line, and not too long.
func oneLine(text string) string {
	text = PlainText(text)
	if len(text) <= fieldShown {
		return text
	}
	return strings.ToValidUTF8(text[:fieldShown], "") + "…"
}

// PlainText writes a space for each control character, such as a line's end.
func PlainText(text string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsControl(r) {
			return ' '
		}
		return r
	}, text)
}

// Readable reports whether fields can be kept as they are.
func Readable(fields map[string]string) bool {
	for name, value := range fields {
		if PlainText(name) != name || len(name)+len(value) > fieldMost {
			return false
		}
	}
	return len(fields) <= fieldsMost
}
