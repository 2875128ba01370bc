package handlers

import (
	"bytes"
	"encoding/json"
	"reflect"
	"time"

	"linlipay/fault"
)

// encoding/json takes the last of two members of one name, and UNIT for unit, so that whoever reads a body before us
// may see another request in it; and it does not say which time is none. Bodies are looked through for these beside.

var timeType = reflect.TypeFor[time.Time]()

// checkMembers is the fault of a body of a type that has a member twice, one that there is not as it is spelt, or a
// time that is none, by the member's name. The body is valid JSON, so that it is no deeper than encoding/json bears.
func checkMembers(body []byte, of reflect.Type) error {
	return checkValue(json.NewDecoder(bytes.NewReader(body)), of, "")
}

// checkValue reads one value; of a type of nil, or one that reads itself, nothing is known.
func checkValue(dec *json.Decoder, of reflect.Type, at string) error {
	for of != nil && of.Kind() == reflect.Pointer {
		of = of.Elem()
	}
	if of != nil && of != timeType && reflect.PointerTo(of).Implements(reflect.TypeFor[json.Unmarshaler]()) {
		return dec.Decode(new(json.RawMessage))
	}
	token, err := dec.Token()
	if err != nil {
		return err
	}
	switch token {
	case json.Delim('{'):
		return checkObject(dec, of, at)
	case json.Delim('['):
		for dec.More() {
			if err := checkValue(dec, elementOf(of), at); err != nil {
				return err
			}
		}
		_, err = dec.Token()
		return err
	}
	text, _ := token.(string)
	if of != timeType || token == nil {
		return nil
	}
	if _, err := time.Parse(time.RFC3339, text); err != nil {
		return noTime(at)
	}
	return nil
}

// checkObject reads the members of an object that has begun, and its end.
func checkObject(dec *json.Decoder, of reflect.Type, at string) error {
	seen := map[string]bool{}
	for dec.More() {
		token, err := dec.Token()
		if err != nil {
			return err
		}
		name, _ := token.(string)
		path := name
		if at != "" {
			path = at + "." + name
		}
		member, known := memberOf(of, name)
		switch {
		case seen[name]:
			return fault.New(fault.Invalid, path+" 出现了两次。", path+" stands twice.").With("field", path)
		case !known:
			return noMember(path)
		}
		seen[name] = true
		if err := checkValue(dec, member, path); err != nil {
			return err
		}
	}
	_, err := dec.Token()
	return err
}

// memberOf is the type of a member of a type; nil is one that nothing is known of.
func memberOf(of reflect.Type, name string) (member reflect.Type, known bool) {
	if of == nil || of.Kind() != reflect.Struct {
		return elementOf(of), true
	}
	for _, f := range jsonFields(of) {
		if f.name == name {
			return f.Type, true
		}
	}
	return nil, false
}

// elementOf is the type of what a list or a map holds.
func elementOf(of reflect.Type) reflect.Type {
	if of == nil || of.Kind() != reflect.Slice && of.Kind() != reflect.Map {
		return nil
	}
	return of.Elem()
}

// noMember is the fault of a member that there is not.
func noMember(name string) *fault.Error {
	return fault.New(fault.Invalid, "没有这个字段："+name+"。", "There is no such field: "+name+".").With("field", name)
}

// noTime is the fault of a time that is none.
func noTime(name string) *fault.Error {
	return fault.New(fault.Invalid, "时间格式不正确，须为 RFC 3339，如 2026-11-28T00:00:00Z。",
		"A time is not RFC 3339, such as 2026-11-28T00:00:00Z.").With("field", name)
}
