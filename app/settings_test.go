package app

import (
	"io"
	"testing"
	"time"

	"linlipay/access"
	"linlipay/payment"
	"linlipay/seal"
)

// A company that has settled nothing has what the configuration says; what it settles is in force for its next order,
// and for no other company's.
func TestSettingsAreTheCompanys(t *testing.T) {
	a, err := prepare(t.Context(), Config{
		Store: "sqlite:" + t.TempDir(), Listen: "127.0.0.1:0", BaseURL: "https://pay.example.com",
		SecretKey: seal.NewKey(), LogLevel: "warn", DeskLifetime: time.Minute, PhoneLifetime: time.Minute,
	}, io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	defer a.Close()
	ctx := t.Context()
	before, err := a.settingsOf(ctx, "main")
	if err != nil || before.DeskLifetime != time.Minute {
		t.Fatalf("%+v: %v", before, err)
	}
	if err := a.Access.Found(ctx, "main", "物业", a.cfg.settings()); err != nil {
		t.Fatal(err)
	}
	if now, err := a.settingsOf(ctx, "main"); err != nil || now != before {
		t.Errorf("once founded: %+v, before %+v: %v", now, before, err)
	}
	settled := access.Settings{Unapplied: "person", RefundLimit: 10000, DeskMinutes: 7, PhoneMinutes: 9,
		PartPayments: "nobody", Prepayments: "due"}
	if _, err := a.Access.AskSettings(ctx, access.Shell("main"), settled, access.Asked{}); err != nil {
		t.Fatal(err)
	}
	want := payment.Settings{UnappliedPolicy: payment.HoldUnapplied, RefundLimit: 10000, DeskLifetime: 7 * time.Minute,
		PhoneLifetime: 9 * time.Minute}
	if now, err := a.settingsOf(ctx, "main"); err != nil || now != want {
		t.Errorf("%+v, not %+v: %v", now, want, err)
	}
	if other, err := a.settingsOf(ctx, "other"); err != nil || other != before {
		t.Errorf("another company: %+v: %v", other, err)
	}
}
