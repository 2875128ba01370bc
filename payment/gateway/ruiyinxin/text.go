package ruiyinxin

import (
	"errors"
	"fmt"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"linlipay/calendar"
	"linlipay/money"
)

// stamp is how the protocol writes a time, in Shanghai.
const stamp = "20060102150405"

// text is what an envelope holds, read: the head and, under data, what it is about. Names are ours (see
// settings.names); numbers are kept as they were written.
type text struct{ head, data map[string]string }

// readText reads the plain JSON. A name that occurs twice is refused: which of the two counts is each reader's own
// guess.
func (s settings) readText(plain []byte) (t text, err error) {
	var head map[string]jsontext.Value
	if err := json.Unmarshal(plain, &head); err != nil || head == nil {
		return t, errors.New("ruiyinxin: the text is not a JSON object that says each thing once")
	}
	data, err := readData(head["data"])
	if err != nil {
		return t, err
	}
	delete(head, "data")
	return text{s.names.read(head), s.names.read(data)}, nil
}

// readData reads data: an object, or one that was written as a text, as one of the third parties does.
func readData(raw jsontext.Value) (data map[string]jsontext.Value, err error) {
	if raw.Kind() == '"' {
		var inner string
		if err := json.Unmarshal(raw, &inner); err != nil {
			return nil, errors.New("ruiyinxin: data is not a text")
		}
		raw = jsontext.Value(inner)
	}
	if len(raw) == 0 || raw.Kind() == 'n' {
		return nil, nil
	}
	if err := json.Unmarshal(raw, &data); err != nil {
		return nil, errors.New("ruiyinxin: data is not a JSON object that says each thing once")
	}
	return data, nil
}

// plainText is a value as text: what a string says, nothing for null, anything else as it was written.
func plainText(raw jsontext.Value) string {
	var s string
	switch raw.Kind() {
	case '"':
		if json.Unmarshal(raw, &s) != nil {
			return ""
		}
		return s
	case 'n':
		return ""
	}
	return string(raw)
}

// get is a field of data, or else of the head: third parties have seen amounts in either.
func (t text) get(name string) string {
	if v := t.data[name]; v != "" {
		return v
	}
	return t.head[name]
}

// contradicts reports whether head and data say different things under a name.
func (t text) contradicts(names ...string) bool {
	for _, name := range names {
		if a, b := t.head[name], t.data[name]; a != "" && b != "" && a != b {
			return true
		}
	}
	return false
}

// fresh compares the time that was signed, where there is one, with ours.
func (t text) fresh(window time.Duration, now time.Time) error {
	written := t.head["respDate"]
	if written == "" {
		return nil
	}
	at, err := calendar.Parse(stamp, written)
	if err != nil || now.Sub(at).Abs() > window {
		return fmt.Errorf("ruiyinxin: respDate %q is not within %v of our clock", written, window)
	}
	return nil
}

// amount reads a field in yuan, which must be more than nothing.
func (t text) amount(name string) (money.Fen, error) {
	sum, err := money.ParseYuan(t.get(name))
	if err != nil || sum <= 0 {
		return 0, fmt.Errorf("ruiyinxin: %s is %q, not an amount in yuan", name, t.get(name))
	}
	return sum, nil
}

// moment reads the first of some fields that holds a time; zero where none does.
func (t text) moment(names ...string) time.Time {
	for _, name := range names {
		if at, err := calendar.Parse(stamp, t.get(name)); err == nil {
			return at.UTC()
		}
	}
	return time.Time{}
}
