package access

import "testing"

// Who may pay a part of a bill, by what the company has settled; a company of before the setting has none.
func TestWhoMayPayAPart(t *testing.T) {
	for of, may := range map[PartPayments][]Kind{
		PartsByNobody:    nil,
		PartsAtDesk:      {StaffKind, ClientKind},
		"":               {StaffKind, ClientKind},
		PartsByEverybody: {StaffKind, ClientKind, ResidentKind},
	} {
		want := map[Kind]bool{}
		for _, k := range may {
			want[k] = true
		}
		for _, k := range []Kind{StaffKind, ClientKind, ResidentKind, TerminalKind} {
			if got := (Settings{PartPayments: of}).MayPayParts(Caller{Kind: k}); got != want[k] {
				t.Errorf("with %q a %s may: %t", of, k, got)
			}
		}
	}
}
