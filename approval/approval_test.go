package approval_test

import (
	"encoding/json"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"linlipay/approval"
	"linlipay/fault"
)

var noon = time.Date(2026, 11, 28, 4, 0, 0, 0, time.UTC)

var (
	accounts = approval.Matter{
		ZH: "商户号变更", EN: "change of a merchant account", Asks: []string{"operations"},
		Decides: []string{"finance", "operations"},
		Lasts:   24 * time.Hour,
	}
	maker   = approval.Person{ID: "staff:maker", Roles: []string{"operations", "finance"}}
	checker = approval.Person{ID: "staff:checker", Roles: []string{"finance"}}
	cashier = approval.Person{ID: "staff:cashier", Roles: []string{"cashier"}}
)

func ask(t *testing.T) *approval.Request {
	t.Helper()
	r, err := accounts.Ask(approval.Asking{Base: 3, Reason: "新密钥"}, maker, noon)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// Whoever decides, and what becomes of the request: each line is one attempt on a request that maker made on revision
// 3.
func TestDecide(t *testing.T) {
	yes, no := approval.Decision{Approve: true}, approval.Decision{Note: "不对"}
	other := approval.Decision{Request: "another", Approve: true}
	for name, c := range map[string]struct {
		d        approval.Decision
		revision int64
		by       approval.Person
		after    time.Duration
		code     fault.Code
		state    approval.State
	}{
		"another approves": {yes, 3, checker, time.Hour, "", approval.Approved},
		"another refuses":  {no, 3, checker, time.Hour, "", approval.Refused},
		"without saying why": {approval.Decision{}, 3, checker, time.Hour, fault.Invalid,
			approval.Requested},
		"the maker":         {yes, 3, maker, time.Hour, fault.Forbidden, approval.Requested},
		"the maker refuses": {no, 3, maker, time.Hour, fault.Forbidden, approval.Requested},
		"the maker, with another role": {yes, 3, approval.Person{ID: maker.ID, Roles: checker.Roles}, 0,
			fault.Forbidden, approval.Requested},
		"one without the role": {yes, 3, cashier, time.Hour, fault.Forbidden, approval.Requested},
		"nobody": {yes, 3, approval.Person{Roles: checker.Roles}, 0, fault.Forbidden,
			approval.Requested},
		"it changed since":                {yes, 4, checker, time.Hour, fault.WrongState, approval.Requested},
		"it changed since and is refused": {no, 4, checker, time.Hour, "", approval.Refused},
		"another request than was seen":   {other, 3, checker, time.Hour, fault.WrongState, approval.Requested},
		"just in time":                    {yes, 3, checker, 24*time.Hour - 1, "", approval.Approved},
		"too late":                        {yes, 3, checker, 24 * time.Hour, fault.WrongState, approval.Expired},
	} {
		t.Run(name, func(t *testing.T) {
			r := ask(t)
			if c.d.Request == "" {
				c.d.Request = r.ID
			}
			at := noon.Add(c.after)
			if err := r.Decide(accounts, c.d, c.revision, c.by, at); fault.CodeOf(err) != c.code {
				t.Fatalf("%v, not %q", err, c.code)
			}
			if r.At(at) != c.state {
				t.Errorf("it is %s, not %s", r.At(at), c.state)
			}
			if decided := c.code == ""; decided != (r.DecidedBy == checker.ID && r.DecidedAt.Equal(at)) {
				t.Errorf("signed %q at %v", r.DecidedBy, r.DecidedAt)
			}
			again := approval.Decision{Request: r.ID, Note: "again"}
			if err := r.Decide(accounts, again, c.revision, checker, at); c.code == "" &&
				!fault.Is(err, fault.WrongState) {
				t.Errorf("decided twice: %v", err)
			}
		})
	}
}

func TestWithdraw(t *testing.T) {
	r := ask(t)
	if err := r.Withdraw(r.ID, checker, noon); !fault.Is(err, fault.Forbidden) {
		t.Errorf("another withdrew it: %v", err)
	}
	if err := r.Withdraw("another", maker, noon); !fault.Is(err, fault.WrongState) {
		t.Errorf("another request was withdrawn: %v", err)
	}
	if err := r.Withdraw(r.ID, maker, noon); err != nil || r.State != approval.Withdrawn {
		t.Fatal(r.State, err)
	}
	if err := r.Decide(accounts, approval.Decision{Request: r.ID, Approve: true}, 3, checker, noon); !fault.Is(err,
		fault.WrongState) {
		t.Errorf("decided after it was withdrawn: %v", err)
	}
	var none *approval.Request
	if err := none.Withdraw("x", maker, noon); !fault.Is(err, fault.WrongState) || none.At(noon) != "" {
		t.Error(err)
	}
}

func TestANewerRequestReplacesTheOlderOnlyExpressly(t *testing.T) {
	old := ask(t)
	asking := approval.Asking{Standing: old, Base: 3}
	if _, err := accounts.Ask(asking, maker, noon); !fault.Is(err, fault.WrongState) {
		t.Fatalf("asked beside another: %v", err)
	}
	asking.Replaces = "another"
	if _, err := accounts.Ask(asking, maker, noon); !fault.Is(err, fault.WrongState) ||
		old.State != approval.Requested {
		t.Fatalf("replaced what was not seen: %v", err)
	}
	asking.Replaces = old.ID
	if _, err := accounts.Ask(asking, cashier, noon); !fault.Is(err, fault.Forbidden) ||
		old.State != approval.Requested {
		t.Fatalf("asked by one who may not: %v", err)
	}
	r, err := accounts.Ask(asking, maker, noon)
	if err != nil || old.State != approval.Withdrawn || r.ID == old.ID || r.State != approval.Requested {
		t.Fatalf("%+v, %+v, %v", old, r, err)
	}
	// One that expired stands in nobody's way.
	if _, err := accounts.Ask(approval.Asking{Standing: r}, maker, noon.Add(24*time.Hour)); err != nil {
		t.Error(err)
	}
}

func TestStatesEndForGood(t *testing.T) {
	for from, to := range approval.Transitions() {
		if (len(to) > 0) != (from == approval.Requested) {
			t.Errorf("%s goes on to %v", from, to)
		}
	}
}

// docs/state-machine.md draws the same, pair for pair.
func TestTheDocumentDrawsTheTable(t *testing.T) {
	raw, err := os.ReadFile("../docs/state-machine.md")
	if err != nil {
		t.Fatal(err)
	}
	_, section, _ := strings.Cut(string(raw), "## What another person decides")
	drawn := regexp.MustCompile(`(?m)^    (\w+) --> (\w+)$`).FindAllStringSubmatch(section, -1)
	pairs := 0
	for from, to := range approval.Transitions() {
		for _, s := range to {
			pairs++
			if !slices.ContainsFunc(drawn, func(m []string) bool { return m[1] == string(from) && m[2] == string(s) }) {
				t.Errorf("%s to %s is not drawn", from, s)
			}
		}
	}
	if pairs != len(drawn) {
		t.Errorf("%d are drawn, and %d allowed", len(drawn), pairs)
	}
}

func TestARequestIsStoredWhole(t *testing.T) {
	r := ask(t)
	raw, err := json.Marshal(r)
	if err != nil {
		t.Fatal(err)
	}
	var read approval.Request
	if err := json.Unmarshal(raw, &read); err != nil || read != *r {
		t.Errorf("%+v, not %+v: %v", read, *r, err)
	}
}
