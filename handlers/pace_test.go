package handlers

import (
	"net/http"
	"strconv"
	"strings"
	"testing"
)

// Whoever comes too fast is told when to come again, on every route that keeps a pace, as a page or as a problem.
func TestWhoComesTooFastIsToldWhen(t *testing.T) {
	f := serve(t)
	const from = "203.0.113.77"
	paced := 0
	for _, r := range f.s.routes() {
		key, most := r.path+" "+from, r.perMinute
		if r.perOrder > 0 {
			key, most = key+" x", r.perOrder
		}
		if most == 0 {
			continue
		}
		for f.s.paces.take(key, perMinute(most)) == 0 {
		}
		paced++
		path := strings.NewReplacer(":token", "x", ":id", "x", ":no", "1", ":event", "x").Replace(r.path)
		for _, accept := range []string{"application/json", "text/html"} {
			status, h, body := f.ask(r.method, path, "", nil, "X-Forwarded-For", from, "Accept", accept)
			if seconds, err := strconv.Atoi(h.Get("Retry-After")); status != http.StatusTooManyRequests ||
				err != nil || seconds < 1 {
				t.Errorf("%s %s: %d, Retry-After %q: %.200s", r.method, r.path, status, h.Get("Retry-After"), body)
			}
		}
	}
	if paced < 10 {
		t.Errorf("only %d routes keep a pace", paced)
	}
}
