package handlers

import (
	"encoding/json"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// privateWords are words that this code had for itself, each with the field's word that the API says instead. No
// property, enum value or parameter of the document is one of them. Whoever finds another one adds a line.
var privateWords = map[string]string{
	"seen":             "received_count, or acknowledged",
	"seen_by":          "acknowledged_by",
	"unkept":           "discarded_count",
	"noticed":          "detected_by",
	"told":             "notification",
	"heard":            "institution_status",
	"asked":            "requested, or query",
	"asked_at":         "requested_at, or last_queried_at",
	"why":              "reason, or decline_reason",
	"why_en":           "reason_en",
	"doubt":            "mismatch",
	"trouble":          "error",
	"taken":            "received, accepted, or imported",
	"take":             "overwrite",
	"take_over":        "supersede",
	"taken_over":       "superseded",
	"trial":            "dry_run",
	"given_back":       "refunded",
	"notes":            "cash, or sheet_notes",
	"swipe":            "card_present",
	"foreign":          "external",
	"made_there":       "reason_unknown",
	"by_hand":          "out_of_band",
	"waits":            "waiting_for, or explanation_required",
	"waits_until":      "expires_at",
	"checks":           "query_count",
	"what":             "kind",
	"words":            "description",
	"of":               "part_of, or id",
	"as":               "relation",
	"news":             "unread_count",
	"homes":            "unit_count",
	"cut":              "truncated",
	"now":              "server_time",
	"good":             "active",
	"in_force":         "active",
	"end":              "last4",
	"until":            "expires_at",
	"old_until":        "previous_expires_at",
	"used_at":          "last_used_at",
	"yours":            "mine",
	"half":             "password_half",
	"agent":            "user_agent",
	"several":          "rotatable",
	"set":              "configured",
	"tries":            "attempts",
	"took_ms":          "duration_ms",
	"whole_at":         "fully_verified_at",
	"typed":            "digest_of",
	"most":             "maximum",
	"at_most":          "max_per_order, or max_bills",
	"kept":             "applied",
	"exceptional":      "unapplied",
	"leaving":          "expiring",
	"noted":            "ignored",
	"nowhere":          "unmatched",
	"stray":            "unmatched",
	"items_gone":       "items_settled",
	"stuck":            "abnormal",
	"shut":             "closed",
	"done":             "succeeded",
	"given_up":         "failed",
	"out_of_reach":     "address_forbidden",
	"card_disbelieved": "card_rejected",
	"card_doubted":     "card_mismatched",
}

// The API speaks the field's words.
func TestTheAPISaysNoPrivateWord(t *testing.T) {
	var doc object
	if err := json.Unmarshal(document, &doc); err != nil {
		t.Fatal(err)
	}
	names := map[string]bool{}
	namesIn(doc, names)
	if len(names) < 300 {
		t.Fatalf("%d names were found: the document is read wrongly", len(names))
	}
	for name := range names {
		for _, part := range append(strings.Split(name, "."), strings.TrimPrefix(name, "-")) {
			if instead := privateWords[part]; instead != "" {
				t.Errorf("the API says %q: say %s, as people at other companies do", name, instead)
			}
		}
	}
}

// goWord is a name of the code's: nobody outside knows what WatchUntil is.
var goWord = regexp.MustCompile(`\b[A-Z][a-z]+[A-Z]\w*|\bnil\b|compare-and-set`)

// Descriptions are read by people who never see the code: they name what the document has, not what the code has.
func TestDescriptionsNameNothingOfTheCode(t *testing.T) {
	names := strings.NewReplacer("WeChat", "", "OAuth", "", "UnionPay", "", "LinliPay", "", "MongoDB", "",
		"OpenAPI", "", "KiB", "", "RateLimit", "")
	var doc object
	if err := json.Unmarshal(document, &doc); err != nil {
		t.Fatal(err)
	}
	var read func(at string, node any)
	read = func(at string, node any) {
		switch node := node.(type) {
		case []any:
			for _, of := range node {
				read(at, of)
			}
		case object:
			for key, of := range node {
				text, ok := of.(string)
				word := goWord.FindString(names.Replace(text))
				if ok && word != "" && (key == "description" || key == "summary") {
					t.Errorf("%s: %q in %q", at, word, text)
				}
				read(at+"/"+key, of)
			}
		}
	}
	read("", doc)
}

// namesIn collects the properties, enum values and parameters in a part of the document. What stands in examples is
// none of them.
func namesIn(node any, names map[string]bool) {
	switch node := node.(type) {
	case []any:
		for _, of := range node {
			namesIn(of, names)
		}
	case object:
		if properties, ok := node["properties"].(object); ok {
			for name := range properties {
				names[name] = true
			}
		}
		if name, ok := node["name"].(string); ok && node["in"] != nil {
			names[name] = true
		}
		values, _ := node["enum"].([]any)
		for _, value := range values {
			if text, ok := value.(string); ok {
				names[text] = true
			}
		}
		for key, of := range node {
			if !slices.Contains([]string{"example", "examples", "enum"}, key) {
				namesIn(of, names)
			}
		}
	}
}
