package handlers

import (
	"encoding/json"
	"html"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"

	"linlipay/access"
	"linlipay/webhook"
)

// The page at /docs tells of every operation and every schema of the document, has no link that leads nowhere in it,
// and asks no other host for anything.
func TestTheReferenceIsTheWholeDocument(t *testing.T) {
	f := serve(t)
	status, h, page := f.ask("GET", "/docs", "", nil)
	if status != 200 || !strings.HasPrefix(h.Get("Content-Type"), "text/html") {
		t.Fatalf("%d %v", status, h)
	}
	var doc struct {
		Paths      map[string]map[string]struct{ OperationID string }
		Webhooks   map[string]map[string]struct{ OperationID string }
		Components struct{ Schemas map[string]any }
	}
	if err := json.Unmarshal(document, &doc); err != nil {
		t.Fatal(err)
	}
	var ids []string
	for _, m := range regexp.MustCompile(` id="([^"]+)"`).FindAllStringSubmatch(page, -1) {
		if slices.Contains(ids, m[1]) {
			t.Errorf("%s stands twice", m[1])
		}
		ids = append(ids, m[1])
	}
	for path, operations := range doc.Paths {
		for method, op := range operations {
			if !slices.Contains(ids, op.OperationID) {
				t.Errorf("%s %s is not told", method, path)
			}
		}
	}
	if len(doc.Webhooks) < 5 {
		t.Errorf("the document has %d webhooks", len(doc.Webhooks))
	}
	for kind, operations := range doc.Webhooks {
		_, told, _ := strings.Cut(page, ` id="`+operations["post"].OperationID+`"`)
		told, _, _ = strings.Cut(told, "</details>\n<ul>")
		if !strings.Contains(told, "&#34;type&#34;: &#34;"+kind+"&#34;") {
			t.Errorf("%s is not told with an example", kind)
		}
	}
	for name := range doc.Components.Schemas {
		if !slices.Contains(ids, name) {
			t.Errorf("the schema %s is not told", name)
		}
	}
	for _, shown := range []string{"bills&#34;: [", "&#34;status&#34;: &#34;pending&#34;"} { // of createOrder
		if !strings.Contains(page, shown) {
			t.Errorf("no example shows %s", shown)
		}
	}
	for _, m := range regexp.MustCompile(`(?:href|src)="([^"]+)"`).FindAllStringSubmatch(page, -1) {
		if at, ok := strings.CutPrefix(m[1], "#"); ok && !slices.Contains(ids, at) {
			t.Errorf("#%s leads nowhere", at)
		} else if !ok && !strings.HasPrefix(m[1], "/") {
			t.Errorf("%s is another host's", m[1])
		}
	}
}

// The reference leads to the guides, and whatever they name is there: nothing leads out of the binary but what the
// world has elsewhere, and nothing is loaded from another host.
func TestTheGuidesLeadSomewhere(t *testing.T) {
	f := serve(t)
	seen, waiting := map[string]bool{}, []string{"/docs"}
	link := regexp.MustCompile(`(href|src)="([^"#]+)`)
	for len(waiting) > 0 {
		at := waiting[0]
		waiting = waiting[1:]
		if seen[at] || strings.HasPrefix(at, "/console") || at == "/favicon.svg" {
			continue // the built pages, which stand in by a test's
		}
		seen[at] = true
		status, h, page := f.ask("GET", at, "", nil)
		if status != http.StatusOK {
			t.Errorf("%s: %d", at, status)
		}
		if !strings.HasPrefix(h.Get("Content-Type"), "text/html") {
			continue
		}
		for _, m := range link.FindAllStringSubmatch(page, -1) {
			to, err := url.Parse(m[2])
			if err != nil || m[1] == "src" && to.IsAbs() {
				t.Errorf("%s loads %s: %v", at, m[2], err)
			} else if !to.IsAbs() {
				waiting = append(waiting, (&url.URL{Path: at}).ResolveReference(to).Path)
			}
		}
	}
	for _, guide := range []string{"/docs/integration.md", "/docs/integration.zh-CN.md", "/docs/webhooks.md",
		"/docs/webhooks.zh-CN.md", "/docs/examples/erp.mjs", "/docs/problems"} {
		if !seen[guide] {
			t.Errorf("%s is not led to", guide)
		}
	}
	for _, no := range []string{"/docs/architecture.md", "/docs/docs.go", "/docs/examples/..", "/docs/..%2fgo.mod"} {
		if status, _, _ := f.ask("GET", no, "", nil); status != http.StatusNotFound {
			t.Errorf("%s: %d", no, status)
		}
	}
}

// What the reference says of how one begins is taken as it stands.
func TestTheReferencesBeginningIsTaken(t *testing.T) {
	f := serve(t)
	_, _, page := f.ask("GET", "/docs", "", nil)
	steps, err := beginning()
	if err != nil || len(steps) != 2 {
		t.Fatal(steps, err)
	}
	for _, s := range steps {
		status, _, answer := f.ask("POST", s.Path, f.a.staff[access.Operations], s.Body)
		if status != 201 || !strings.Contains(page, html.EscapeString(s.Curl())) {
			t.Errorf("%s: %d %s", s.Curl(), status, answer)
		}
	}
	for _, shown := range []string{"RateLimit-Policy", "Retry-After", "webhook-signature", "standardwebhooks"} {
		if !strings.Contains(page, shown) {
			t.Errorf("%s is not told", shown)
		}
	}
}

// The examples of events are as the document says that events are.
func TestExamplesOfEventsAreEvents(t *testing.T) {
	var doc object
	if err := json.Unmarshal(document, &doc); err != nil {
		t.Fatal(err)
	}
	// the library reads requests of paths alone
	paths, kinds := doc["paths"].(object), []string{}
	for kind, item := range doc["webhooks"].(object) {
		paths["/"+kind] = item
		kinds = append(kinds, kind)
	}
	changed, err := json.Marshal(doc)
	if err != nil {
		t.Fatal(err)
	}
	v := validatorOf(t, changed)
	for _, kind := range kinds {
		sample, err := eventExample(webhook.EventType(kind))
		if err != nil {
			t.Fatal(err)
		}
		req, err := http.NewRequest("POST", "http://localhost/"+kind, strings.NewReader(string(sample)))
		if err != nil {
			t.Fatal(err)
		}
		for name, value := range map[string]string{"Content-Type": "application/json", "webhook-id": "evt_1",
			"webhook-timestamp": "1", "webhook-signature": "v1,x"} {
			req.Header.Set(name, value)
		}
		if ok, errs := v.ValidateHttpRequestSync(req); !ok {
			t.Errorf("%s: %s\n%s", kind, inWords(errs), sample)
		}
	}
}
