package access

import (
	"context"
	"testing"
	"time"
)

// What counts for nothing any more is deleted, each kind at its time, and nothing before it.
func TestWhatHasPassedIsForgotten(t *testing.T) {
	s, _, c := open(t)
	ctx := t.Context()
	must := func(_ any, err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	must(nil, s.Spend(ctx, "codes tried", 3, 24*time.Hour))
	must(s.NewCode(ctx, "13800000001"))
	must(s.NewCodeFor(ctx, "bind", "b"))
	open, err := s.Open(ctx, Caller{Kind: ResidentKind, ID: "r"}, Origin{})
	must(open, err)
	revoked, err := s.Open(ctx, Caller{Kind: ResidentKind, ID: "r"}, Origin{})
	must(revoked, err)
	must(nil, s.Revoke(ctx, revoked.Refresh))
	began := c.now()
	for _, step := range []struct {
		at      time.Duration // since all began
		deleted int
		what    string
	}{
		{time.Hour, 0, "what still counts"},
		{time.Hour + time.Second, 2, "two codes, of which no more than ten an hour are sent"},
		{24 * time.Hour, 0, "a quota's day"},
		{24*time.Hour + time.Second, 1, "the quota"},
		{SessionLife, 0, "sessions' last moment"},
		{SessionLife + time.Second, 2, "the session, and the one that was ended"},
		{keyVerifies, 0, "a key's last moment"},
		{keyVerifies + time.Second, 1, "the key"},
	} {
		c.pass(step.at - c.now().Sub(began))
		if n, err := s.Forget(ctx); n != step.deleted || err != nil {
			t.Errorf("%s: %d are deleted, not %d; %v", step.what, n, step.deleted, err)
		}
	}
}

// A quota or a code that is spent anew meanwhile counts on.
func TestWhatIsUsedAnewIsKept(t *testing.T) {
	s, _, c := open(t)
	use := func(ctx context.Context) {
		if err := s.Spend(ctx, "codes tried", 3, time.Hour); err != nil {
			t.Fatal(err)
		}
		if _, err := s.NewCode(ctx, "13800000001"); err != nil {
			t.Fatal(err)
		}
	}
	use(t.Context())
	c.pass(time.Hour + time.Minute)
	use(t.Context())
	if n, err := s.Forget(t.Context()); n != 0 || err != nil {
		t.Errorf("%d are deleted, %v", n, err)
	}
	c.pass(time.Hour + time.Minute)
	if n, err := s.Forget(t.Context()); n != 2 || err != nil {
		t.Errorf("%d are deleted, %v", n, err)
	}
}
