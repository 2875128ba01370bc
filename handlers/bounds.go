package handlers

import (
	"cmp"
	"errors"
	"fmt"
	"math"
	"reflect"
	"strconv"
	"unicode"
	"unicode/utf8"

	"linlipay/access"
	"linlipay/fault"
	"linlipay/money"
	"linlipay/payment/card"
)

// What an input may hold at most stands in the tag most of its field, and here where a field has none: the adapter
// refuses more, by the field's name, and the document says it. most is the characters of a text, the things in a list,
// or the greatest number, and least the smallest number. An amount that has a least alone is refused by whoever takes
// it, who says what may be.
const (
	textMost    = 4096      // characters
	listMost    = 1000      // things
	membersMost = 100       // members of a map
	numberMost  = 1_000_000 // the greatest number in a path or a query
)

// parameterMost is how many characters a parameter of the path or the query has at most.
func parameterMost(name string) int {
	if name == "cursor" {
		return cursorMost
	}
	return 512
}

// numberBounds are the bounds of a number in a path or a query.
func numberBounds(tag reflect.StructTag) (least, most int) {
	return bound(tag, "least", 0), bound(tag, "most", numberMost)
}

// bound is what a tag says of a field, or usual where it says nothing.
func bound(tag reflect.StructTag, key string, usual int) int {
	n, err := strconv.Atoi(tag.Get(key))
	if err != nil {
		return usual
	}
	return n
}

// boundsOf are the bounds of a field as JSON Schema has them; a day's are its form, and one
// that is left to the payment package has none here.
func boundsOf(f reflect.StructField) object {
	of := f.Type
	if of.Kind() == reflect.Pointer {
		of = of.Elem()
	}
	switch {
	case f.Tag.Get("clean") != "", of == reflect.TypeFor[access.Day]():
	case of.Kind() == reflect.String:
		return object{"maxLength": bound(f.Tag, "most", textMost)}
	case of.Kind() == reflect.Slice:
		return object{"maxItems": bound(f.Tag, "most", listMost)}
	case of.Kind() == reflect.Map:
		return object{"maxProperties": membersMost}
	case f.Tag.Get("most") != "":
		return object{"minimum": bound(f.Tag, "least", 0), "maximum": bound(f.Tag, "most", 0)}
	case f.Tag.Get("least") != "":
		return object{"minimum": bound(f.Tag, "least", 0)}
	}
	return object{}
}

// place is where in an input a value stands: the name of its field, the field's tag, and whether digits there may look
// like a card number.
type place struct {
	name   string
	tag    reflect.StructTag
	digits bool
}

// within is the place of a field of a struct.
func (at place) within(f reflect.StructField) place {
	name := cmp.Or(f.Tag.Get("path"), f.Tag.Get("query"), jsonName(f))
	if at.name != "" {
		name = at.name + "." + name
	}
	if f.Anonymous {
		name = at.name
	}
	return place{name, f.Tag, at.digits || f.Tag.Get("digits") == "any"}
}

// inside is the place of what a list or a map holds.
func (at place) inside() place { return place{at.name, "", at.digits} }

// clean refuses control characters, full card numbers, and whatever is more than its bounds, wherever it stands in the
// input. A field with the tag digits:"any" may hold digits that look like a card number. One with the tag
// clean:"payment" is left to the payment package, which knows what each setting may hold, and keeps what a device
// handed back without its secrets rather than lose it.
func clean(v reflect.Value, at place) error {
	switch v.Kind() {
	case reflect.String:
		return cleanText(v.String(), at)
	case reflect.Int, reflect.Int64:
		return cleanNumber(v, at)
	case reflect.Pointer:
		if !v.IsNil() {
			return clean(v.Elem(), at)
		}
	case reflect.Struct:
		return cleanFields(v, at)
	case reflect.Slice:
		if most := bound(at.tag, "most", listMost); v.Len() > most {
			return tooMany(at.name, most)
		}
		for i := range v.Len() {
			if err := clean(v.Index(i), at.inside()); err != nil {
				return err
			}
		}
	case reflect.Map:
		if v.Len() > membersMost {
			return tooMany(at.name, membersMost)
		}
		for _, key := range v.MapKeys() {
			if err := errors.Join(clean(key, at.inside()), clean(v.MapIndex(key), at.inside())); err != nil {
				return err
			}
		}
	}
	return nil
}

func cleanFields(v reflect.Value, at place) error {
	for i := range v.NumField() {
		f := v.Type().Field(i)
		numbered := f.Tag.Get("query") != "" && f.Type.Kind() == reflect.Int // which set bounds, where it is given
		if !f.IsExported() && !f.Anonymous || f.Tag.Get("clean") != "" || numbered {
			continue
		}
		if err := clean(v.Field(i), at.within(f)); err != nil {
			return err
		}
	}
	return nil
}

func cleanNumber(v reflect.Value, at place) error {
	least, most := bound(at.tag, "least", 0), bound(at.tag, "most", math.MaxInt)
	amount, bounded := v.Type() == reflect.TypeFor[money.Fen](), at.tag.Get("most") != ""
	beyond := v.Int() < int64(least) || v.Int() > int64(most)
	switch {
	case bounded && beyond && amount:
		from, to := money.Fen(least), money.Fen(most)
		return fault.New(fault.Invalid, fmt.Sprintf("%s 须为 ¥%s 至 ¥%s。", at.name, from.Grouped(), to.Grouped()),
			fmt.Sprintf("%s is between ¥%s and ¥%s.", at.name, from.Grouped(), to.Grouped())).With("field", at.name)
	case bounded && beyond:
		return outside(at.name, least, most)
	case !bounded && !amount && at.tag.Get("least") != "" && beyond:
		return fault.New(fault.Invalid, fmt.Sprintf("%s 不能小于 %d。", at.name, least),
			fmt.Sprintf("%s is %d or more.", at.name, least)).With("field", at.name)
	}
	return nil
}

func cleanText(s string, at place) error {
	wrong := func(zh, en string) error { return fault.New(fault.Invalid, zh, en).With("field", at.name) }
	if !utf8.ValidString(s) {
		return wrong("内容编码不正确。", "A text is not UTF-8.")
	}
	if most := bound(at.tag, "most", textMost); utf8.RuneCountInString(s) > most {
		return tooLong(at.name, most)
	}
	for _, r := range s {
		if unicode.IsControl(r) {
			return wrong("内容含有控制字符。", "A text holds control characters.")
		}
	}
	if !at.digits && card.HasCardNumber(s) {
		return wrong("请勿填写完整的银行卡号，只可填写前六位与后四位。",
			"A full card number must not be entered, only its first six and last four digits.")
	}
	return nil
}

func tooLong(field string, most int) error {
	return fault.New(fault.Invalid, fmt.Sprintf("%s 最多 %d 个字。", field, most),
		fmt.Sprintf("%s has %d characters at most.", field, most)).With("field", field)
}

func tooMany(field string, most int) error {
	return fault.New(fault.Invalid, fmt.Sprintf("%s 最多 %d 项。", field, most),
		fmt.Sprintf("%s has %d items at most.", field, most)).With("field", field)
}

func outside(field string, least, most int) error {
	return fault.New(fault.Invalid, fmt.Sprintf("%s 须为 %d 至 %d 的整数。", field, least, most),
		fmt.Sprintf("%s is a whole number from %d to %d.", field, least, most)).With("field", field)
}
