package handlers

import (
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"strings"
	"testing"

	"github.com/pb33f/libopenapi"
)

// released is the document of the last release, kept from 1.0 on: what it promises holds until the next major version.
const released = "released.json"

// Until 1.0 the API changes with a line in CHANGELOG.md; from then on nothing that a client stands on goes away.
func TestWhatWasReleasedStillHolds(t *testing.T) {
	before, err := os.ReadFile(released)
	switch major, _, _ := strings.Cut(Version, "."); {
	case errors.Is(err, fs.ErrNotExist) && major == "0":
		return // nothing is promised yet
	case err != nil:
		t.Fatalf("version %s: %v; copy openapi.json to %s with the release", Version, err, released)
	}
	if n := breaking(t, before, document); n > 0 {
		t.Errorf("%d changes break clients of the released API", n)
	}
}

// breaking counts the changes of a document that break a client.
func breaking(t *testing.T, before, after []byte) int {
	t.Helper()
	old, err := libopenapi.NewDocument(before)
	if err != nil {
		t.Fatal(err)
	}
	now, err := libopenapi.NewDocument(after)
	if err != nil {
		t.Fatal(err)
	}
	changes, err := libopenapi.CompareDocuments(old, now)
	if err != nil {
		t.Fatal(err)
	}
	if changes == nil {
		return 0
	}
	return changes.TotalBreakingChanges()
}

// What takes something from clients breaks them, and what only adds does not.
func TestWhatBreaksAClient(t *testing.T) {
	for name, c := range map[string]struct {
		change func(paths, schemas object)
		breaks bool
	}{
		"nothing": {func(_, _ object) {}, false},
		"another operation": {func(paths, _ object) {
			paths["/v1/feedback"] = object{"get": object{"responses": object{"200": object{"description": "OK"}}}}
		}, false},
		"an operation that is gone": {func(paths, _ object) { delete(paths, "/v1/orders/{id}") }, true},
		"a member more in answers": {func(_, schemas object) {
			schemas["Order"].(object)["properties"].(object)["colour"] = object{"type": "string"}
		}, false},
		"a member that is gone": {func(_, schemas object) {
			delete(schemas["Order"].(object)["properties"].(object), "amount")
		}, true},
		"a member of another type": {func(_, schemas object) {
			schemas["Order"].(object)["properties"].(object)["amount"] = object{"type": "string"}
		}, true},
		"an enum value that is gone": {func(_, schemas object) {
			enum := schemas["OrderStatus"].(object)["enum"].([]any)
			schemas["OrderStatus"].(object)["enum"] = enum[1:]
		}, true},
		"an input that is asked for now": {func(_, schemas object) {
			input := schemas["OrderInput"].(object)
			input["properties"].(object)["colour"] = object{"type": "string"}
			required, _ := input["required"].([]any)
			input["required"] = append(required, "colour")
		}, true},
	} {
		var doc object
		if err := json.Unmarshal(document, &doc); err != nil {
			t.Fatal(err)
		}
		c.change(doc["paths"].(object), doc["components"].(object)["schemas"].(object))
		changed, err := json.Marshal(doc)
		if err != nil {
			t.Fatal(err)
		}
		if n := breaking(t, document, changed); n > 0 != c.breaks {
			t.Errorf("%s: %d changes break clients", name, n)
		}
	}
}
