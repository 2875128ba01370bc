package sandbox

import (
	"bytes"
	"encoding/json"
	"net/url"
	"strings"
)

// member is a name and its value in a JSON object, as they are written.
type member struct {
	name  string
	value json.RawMessage
}

// editedField edits one field of a JSON object, or of every object in a list on the way to it. What has no such field
// stays as it is.
func editedField(object []byte, how Script) []byte { return editedAt(object, how.Field, how.Edit) }

func editedAt(object []byte, path string, edit FieldEdit) []byte {
	var list []json.RawMessage
	if json.Unmarshal(object, &list) == nil {
		for i, item := range list {
			list[i] = editedAt(item, path, edit)
		}
		return encoded(list)
	}
	members, ok := membersOf(object)
	if !ok {
		return object
	}
	name, rest, deep := strings.Cut(path, ".")
	var out []member
	for _, m := range members {
		switch {
		case m.name != name:
			out = append(out, m)
		case deep:
			out = append(out, member{name, editedAt(m.value, rest, edit)})
		default:
			out = append(out, editedMember(m, edit)...)
		}
	}
	return written(out)
}

// editedMember is what stands in the place of a member.
func editedMember(m member, edit FieldEdit) []member {
	switch edit {
	case EditNull:
		return []member{{m.name, json.RawMessage("null")}}
	case EditEmpty:
		return []member{{m.name, json.RawMessage(`""`)}}
	case EditZero:
		return []member{{m.name, zeroLike(m.value)}}
	case EditTwice:
		return []member{m, m}
	case EditOther:
		return []member{{m.name, json.RawMessage(another(string(m.value)))}}
	}
	return nil
}

// another is a number, an amount or a name that is another's: its last digit or letter is the next one.
func another(value string) string {
	raw := []byte(value)
	for i := len(raw) - 1; i >= 0; i-- {
		switch c := raw[i]; {
		case c == '9', c == 'z', c == 'Z':
			raw[i] = map[byte]byte{'9': '0', 'z': 'a', 'Z': 'A'}[c]
		case '0' <= c && c < '9', 'a' <= c && c < 'z', 'A' <= c && c < 'Z':
			raw[i]++
		default:
			continue
		}
		break
	}
	return string(raw)
}

// zeroLike is a zero written as the value is.
func zeroLike(value json.RawMessage) json.RawMessage {
	switch {
	case !bytes.HasPrefix(value, []byte(`"`)):
		return json.RawMessage("0")
	case bytes.ContainsRune(value, '.'):
		return json.RawMessage(`"0.00"`)
	}
	return json.RawMessage(`"0"`)
}

// membersOf reads an object's members in their order; ok is false for anything else.
func membersOf(object []byte) (members []member, ok bool) {
	d := json.NewDecoder(bytes.NewReader(object))
	if open, err := d.Token(); err != nil || open != json.Delim('{') {
		return nil, false
	}
	for d.More() {
		name, err := d.Token()
		var m member
		if err == nil {
			err = d.Decode(&m.value)
		}
		if err != nil {
			return nil, false
		}
		m.name = name.(string)
		members = append(members, m)
	}
	return members, true
}

func written(members []member) []byte {
	var out bytes.Buffer
	out.WriteByte('{')
	for i, m := range members {
		if i > 0 {
			out.WriteByte(',')
		}
		out.Write(encoded(m.name))
		out.WriteByte(':')
		out.Write(m.value)
	}
	out.WriteByte('}')
	return out.Bytes()
}

// encoded is JSON as the institutions write it, without HTML's escapes.
func encoded(v any) []byte {
	var text bytes.Buffer
	e := json.NewEncoder(&text)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		panic("sandbox: what was read as JSON does not encode: " + err.Error())
	}
	return bytes.TrimSpace(text.Bytes())
}

// editParam edits one field of a form, which has no null: that is an empty text here.
func editParam(p url.Values, how Script) {
	if !p.Has(how.Field) {
		return
	}
	switch how.Edit {
	case EditAbsent:
		p.Del(how.Field)
	case EditNull, EditEmpty:
		p.Set(how.Field, "")
	case EditZero:
		p.Set(how.Field, "0.00")
	case EditTwice:
		p.Add(how.Field, p.Get(how.Field))
	case EditOther:
		p.Set(how.Field, another(p.Get(how.Field)))
	}
}
