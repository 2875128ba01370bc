package money

import (
	"encoding/json"
	"errors"
	"os"
	"slices"
	"testing"
)

// typedTable is testdata/typed.json.
type typedTable struct {
	Reasons map[Refusal][2]string
	Cases   []typedCase
}

type typedCase struct {
	Typed   string
	Fen     *Fen    // nil when it is refused
	Refused Refusal // "" when it is read
}

func readTypedTable(t testing.TB) (table typedTable) {
	t.Helper()
	raw, err := os.ReadFile("testdata/typed.json")
	if err == nil {
		err = json.Unmarshal(raw, &table)
	}
	if err != nil || len(table.Cases) < 100 {
		t.Fatalf("%d cases, %v", len(table.Cases), err)
	}
	return table
}

func TestWhatPeopleTypeIsReadAsTheTableSays(t *testing.T) {
	for _, c := range readTypedTable(t).Cases {
		if (c.Fen == nil) == (c.Refused == "") {
			t.Errorf("%q is both read and refused, or neither", c.Typed)
			continue
		}
		got, err := ParseTyped(c.Typed)
		var why Refusal
		errors.As(err, &why)
		if why != c.Refused || c.Fen != nil && got != *c.Fen || err != nil && got != 0 {
			t.Errorf("ParseTyped(%q) = %d, %v; the table says %v %q", c.Typed, got, err, c.Fen, c.Refused)
		}
	}
}

func TestEveryRefusalHasItsSentenceAndACase(t *testing.T) {
	table := readTypedTable(t)
	if len(table.Reasons) != len(Refusals()) {
		t.Errorf("%d reasons in the table, %d refusals", len(table.Reasons), len(Refusals()))
	}
	for _, r := range Refusals() {
		if zh, en := r.Sentence(); table.Reasons[r] != [2]string{zh, en} || zh == "" || en == "" || r.Error() == "" {
			t.Errorf("%s: %q, %q; the table says %q", r, zh, en, table.Reasons[r])
		}
		if !slices.ContainsFunc(table.Cases, func(c typedCase) bool { return c.Refused == r }) {
			t.Errorf("no case is refused as %s", r)
		}
	}
}
