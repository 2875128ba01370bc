package handlers

import (
	"context"
	"strings"
	"testing"
)

// Only the demo's start page holds people to be, and only for who sits at the machine.
func TestOnlyTheDemosStartPageHoldsPeople(t *testing.T) {
	demo := func(context.Context) (any, error) { return map[string]string{"password": "</script>told"}, nil }
	for name, c := range map[string]struct {
		demo  func(context.Context) (any, error)
		from  string
		holds bool
	}{
		"in production":                 {nil, "127.0.0.1", false},
		"the demo":                      {demo, "127.0.0.1", true},
		"the demo from the house":       {demo, "192.168.1.7", true},
		"the demo from anywhere":        {demo, "203.0.113.7", false},
		"in production, from elsewhere": {nil, "203.0.113.7", false},
	} {
		t.Run(name, func(t *testing.T) {
			f := serve(t)
			f.s.Demo = c.demo
			status, header, page := f.ask("GET", "/", "", nil, "X-Forwarded-For", c.from)
			if status != 200 || !strings.Contains(page, "start") {
				t.Fatalf("the start page is %d: %s", status, page)
			}
			if got := strings.Contains(page, "told") && strings.Contains(page, `id="demo"`); got != c.holds {
				t.Errorf("the page holds people: %v, want %v: %s", got, c.holds, page)
			}
			if strings.Contains(page, "</script>told") {
				t.Error("what the page holds ends its element")
			}
			if got := header.Get("Cache-Control") == "no-store"; got != c.holds {
				t.Errorf("the page is kept as %q", header.Get("Cache-Control"))
			}
		})
	}
}
