package gateway_test

import (
	"testing"

	"linlipay/fault"
	"linlipay/payment/gateway"
)

func TestReadCodeKinds(t *testing.T) {
	text := "A1=absent, B2=refused/balance_low,C3=refused:code_used,,D4=waiting"
	got, err := gateway.ReadCodeKinds(map[string]string{"kinds": text}, "kinds", []string{"0"}, "waiting")
	want := map[string]gateway.CodeMeaning{
		"A1": {Kind: gateway.NotFound}, "B2": {Kind: gateway.Declined, Reason: gateway.BalanceLow},
		"C3": {Kind: gateway.Declined, Reason: gateway.CodeUsed}, "D4": {Kind: "waiting"},
	}
	if err != nil || len(got) != len(want) {
		t.Fatalf("%v, %v", got, err)
	}
	for code, m := range want {
		if got[code] != m {
			t.Errorf("%s means %+v, want %+v", code, got[code], m)
		}
	}
	if got, err := gateway.ReadCodeKinds(nil, "kinds", nil); err != nil || len(got) != 0 {
		t.Errorf("an empty setting: %v, %v", got, err)
	}
	for _, bad := range []string{"A1", "=absent", "A1=maybe", "A1=waiting", "0=refused", "A1=absent/code_used",
		"A1=refused/why", "A1=unreached", "A1=forged"} {
		if _, err := gateway.ReadCodeKinds(map[string]string{"kinds": bad}, "kinds", []string{"0"}); !fault.Is(err,
			fault.Invalid) {
			t.Errorf("%q: %v", bad, err)
		}
	}
}
