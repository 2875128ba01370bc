package handlers

import (
	"encoding/json"
	"regexp"
	"slices"
	"strings"
	"testing"
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
