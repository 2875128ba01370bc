package store_test

import (
	"context"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"linlipay/seal"
	"linlipay/store"
)

// nothing is a store that keeps one document.
type nothing struct {
	store.Store
	kept *store.Doc
}

// Replace keeps it.
func (n nothing) Replace(_ context.Context, _ string, d store.Doc) error { *n.kept = d; return nil }

// Get gives it back.
func (n nothing) Get(context.Context, string, string) (store.Doc, error) { return *n.kept, nil }

// Ensure has nothing to do.
func (n nothing) Ensure(context.Context, ...store.Schema) error { return nil }

// BenchmarkSealed is what sealing costs of a document like a paid order: 3 KB, with six personal members and nine
// digests.
func BenchmarkSealed(b *testing.B) {
	box, err := seal.New(seal.NewKey())
	if err != nil {
		b.Fatal(err)
	}
	s := store.Seal(nothing{kept: &store.Doc{}}, box, time.Now, slog.New(slog.DiscardHandler))
	schema := store.Schema{
		Name: "orders", Fields: []store.Field{{Name: "search", Type: store.String, Many: true, Digest: true}},
		Personal: []string{"payer.name", "payer.phone", "attempts.*.payer_id", "timeline.*.note"},
	}
	if err := s.Ensure(b.Context(), schema); err != nil {
		b.Fatal(err)
	}
	line := `{"at":"2026-11-28T16:03:57.123456789Z","what":"attempt_creating","by":"staff:0123456789abcdef"%s}`
	var lines []string
	for _, note := range []string{"", "wechat wechat native", "", "4200001234202611281234567890 SUCCESS", "settle"} {
		if note != "" {
			note = `,"note":"` + note + `"`
		}
		lines = append(lines, fmt.Sprintf(line, note))
	}
	body := `{"id":"202611282320057365664233","payer":{"unit":"abcdefghijklmnop","label":"3栋 2单元 1201",` +
		`"name":"张三","phone":"13800138000"},"items":[` +
		strings.Repeat(`{"ref":"abcdefghijklmnop","title":"物业费 2026-11","amount":12345},`, 9) +
		`{}],"attempts":[{"no":1,"payer_id":"oUpF8uMuAJO_M2pxb1Q9zNjWeS6o","prepared":{"code_url":"` +
		strings.Repeat("x", 600) + `"}}],"timeline":[` + strings.Join(lines, ",") + `]}`
	d := store.Doc{ID: "202611282320057365664233", Body: []byte(body)}
	terms := []any{}
	for i := range 9 {
		terms = append(terms, fmt.Sprintf("4200001234202611281234567%d", i))
	}
	d.Keys = store.Keys{"search": terms}
	b.Run("write", func(b *testing.B) {
		for b.Loop() {
			if err := s.Replace(b.Context(), "orders", d); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("read", func(b *testing.B) {
		for b.Loop() {
			if _, err := s.Get(b.Context(), "orders", d.ID); err != nil {
				b.Fatal(err)
			}
		}
	})
}
