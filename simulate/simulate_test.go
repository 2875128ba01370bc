package simulate

import (
	"strings"
	"testing"
)

func TestDaysRunClean(t *testing.T) {
	var out strings.Builder
	f, v := Run(t.Context(), Options{Seed: 7, Orders: 300, World: -1})
	if err := f.Print(&out); err != nil {
		t.Fatal(err)
	}
	t.Log("\n" + out.String())
	if v != nil {
		t.Fatalf("%s: %s\n%+v\n%s", v.Check, v.What, v, strings.Join(v.Trace, "\n"))
	}
}
