package access

import (
	"slices"
	"strings"
	"testing"
	"time"

	"linlipay/approval"
	"linlipay/fault"
)

// erp asks for a client as the first operator, has finance approve it, and makes its key.
func erp(t *testing.T, s *Service, who map[string]Caller, g Grant) (*Client, string) {
	t.Helper()
	c, err := s.AddClient(t.Context(), who["operator"], "ERP", 0, g)
	if err != nil {
		t.Fatal(err)
	}
	if c, err = s.DecideClient(t.Context(), who["finance"], c.ID, granted(c)); err != nil {
		t.Fatal(err)
	}
	c, key, err := s.MakeKey(t.Context(), who["operator"], c.ID, time.Time{})
	if err != nil {
		t.Fatal(err)
	}
	return c, key
}

func granted(c *Client) approval.Decision {
	return approval.Decision{Request: c.Request.ID, Approve: true}
}

var reads = Grant{Rights: []Right{ReadOrders}, Communities: []string{"north"}}

// What ends a client or a key ends it at the next call in every process. Add a line for another way to end one.
func TestAnEndedKeyIsOutEverywhereAtOnce(t *testing.T) {
	for name, end := range map[string]func(*Service, *clock, map[string]Caller, *Client) error{
		"client revoked": func(s *Service, _ *clock, who map[string]Caller, c *Client) error {
			_, err := s.RevokeClient(t.Context(), who["operator2"], c.ID)
			return err
		},
		"key ended": func(s *Service, _ *clock, who map[string]Caller, c *Client) error {
			_, err := s.EndKey(t.Context(), who["operator2"], c.ID, c.Keys[0].ID)
			return err
		},
		"client expired": func(s *Service, k *clock, who map[string]Caller, c *Client) error {
			soon := k.now().Add(time.Hour)
			_, err := s.ChangeClient(t.Context(), who["operator2"], c.ID, ClientChange{ExpiresAt: &soon})
			k.pass(time.Hour)
			return err
		},
		"rotated, and its time over": func(s *Service, k *clock, who map[string]Caller, c *Client) error {
			_, _, err := s.MakeKey(t.Context(), who["operator2"], c.ID, k.now().Add(time.Hour))
			k.pass(time.Hour)
			return err
		},
	} {
		t.Run(name, func(t *testing.T) {
			first, second, k, who := staffed(t)
			c, key := erp(t, first, who, reads)
			verified(t, second, key)
			if err := end(first, k, who, c); err != nil {
				t.Fatal(err)
			}
			for _, s := range []*Service{first, second} {
				_, err := s.Verify(t.Context(), key)
				want(t, err, fault.Unauthenticated)
			}
		})
	}
}

// Two keys count while a person said so, and the older goes when they said; a third is refused meanwhile, so that an
// answer that was lost and asked for again ends no key that is in use.
func TestTwoKeysCountMeanwhile(t *testing.T) {
	s, _, k, who := staffed(t)
	c, old := erp(t, s, who, reads)
	until := k.now().Add(48 * time.Hour)
	for _, wrong := range []time.Time{{}, k.now().Add(-time.Second), k.now().Add(31 * 24 * time.Hour)} {
		_, _, err := s.MakeKey(t.Context(), who["operator"], c.ID, wrong)
		want(t, err, fault.Invalid)
	}
	_, fresh, err := s.MakeKey(t.Context(), who["operator"], c.ID, until)
	if err != nil {
		t.Fatal(err)
	}
	verified(t, s, old)
	verified(t, s, fresh)
	_, _, err = s.MakeKey(t.Context(), who["operator"], c.ID, until)
	want(t, err, fault.WrongState)
	k.pass(48 * time.Hour)
	_, err = s.Verify(t.Context(), old)
	want(t, err, fault.Unauthenticated)
	verified(t, s, fresh)
}

// A client has what another person approved, and nothing else: what takes is at once, what gives waits.
func TestAnotherPersonApprovesWhatAClientMayDo(t *testing.T) {
	s, _, k, who := staffed(t)
	ctx, operator := t.Context(), who["operator"]
	c, err := s.AddClient(ctx, operator, "ERP", 0, reads)
	if err != nil {
		t.Fatal(err)
	}
	_, _, err = s.MakeKey(ctx, operator, c.ID, time.Time{})
	want(t, err, fault.WrongState)
	_, err = s.DecideClient(ctx, operator, c.ID, granted(c))
	want(t, err, fault.Forbidden)
	if c, err = s.DecideClient(ctx, who["operator2"], c.ID, granted(c)); err != nil {
		t.Fatal(err)
	}
	_, key, err := s.MakeKey(ctx, operator, c.ID, time.Time{})
	if err != nil {
		t.Fatal(err)
	}
	everywhere, later := []string{}, k.now().Add(time.Hour)
	for name, more := range map[string]ClientChange{
		"rights":      {Rights: &[]Right{ReadOrders, AskRefunds}},
		"communities": {Communities: &everywhere},
		"one more":    {Communities: &[]string{"north", "south"}},
	} {
		if c, err = s.ChangeClient(ctx, operator, c.ID, more); err != nil {
			t.Fatal(err)
		}
		now := verified(t, s, key)
		if c.State(k.now()) != ClientActive || c.Request.State != approval.Requested ||
			!slices.Equal(now.Rights, reads.Rights) || !slices.Equal(now.Communities, reads.Communities) {
			t.Errorf("more %s: %+v %+v", name, c.Request, now)
		}
		if c, err = s.WithdrawClient(ctx, operator, c.ID, c.Request.ID); err != nil {
			t.Fatal(err)
		}
	}
	if c, err = s.ChangeClient(ctx, operator, c.ID, ClientChange{ExpiresAt: &later}); err != nil ||
		!c.ExpiresAt.Equal(later) || c.Request != nil && c.Request.State == approval.Requested {
		t.Errorf("an end is at once: %+v %v", c, err)
	}
	var never time.Time
	if c, err = s.ChangeClient(ctx, operator, c.ID, ClientChange{ExpiresAt: &never}); err != nil ||
		c.Request.State != approval.Requested || !c.ExpiresAt.Equal(later) {
		t.Errorf("no end waits: %+v %v", c, err)
	}
	if c, err = s.DecideClient(ctx, who["finance"], c.ID, granted(c)); err != nil || !c.ExpiresAt.IsZero() {
		t.Errorf("approved: %+v %v", c, err)
	}
	c, err = s.AddClient(ctx, operator, "小程序", 60, Grant{Rights: reads.Rights, ExpiresAt: later})
	if err != nil {
		t.Fatal(err)
	}
	if c, err = s.DecideClient(ctx, who["finance"], c.ID, granted(c)); err != nil || !c.ExpiresAt.Equal(later) {
		t.Errorf("approved with its end: %+v %v", c, err)
	}
}

// A key that is not one of ours, or of which a letter changed, is refused; its checksum tells without the store.
func TestKeysAreToldFromWhatOnlyLooksLikeThem(t *testing.T) {
	s, _, _, who := staffed(t)
	_, key := erp(t, s, who, reads)
	if id, ok := clientOf(key); !ok || !strings.Contains(key, id) {
		t.Fatalf("%s: %s", key, id)
	}
	for i := range key {
		other := byte('a')
		if key[i] == 'a' {
			other = 'b'
		}
		changed := key[:i] + string(other) + key[i+1:]
		if _, ok := clientOf(changed); ok {
			t.Errorf("%s passes for a key", changed)
		}
	}
	made, _ := s.newClientKey(strings.Repeat("a", idLength), "staff:x") // of no client
	sameClient, _ := s.newClientKey(key[len(liveMark):len(liveMark)+idLength], "staff:x")
	for _, bad := range []string{"llp_", key[:20], key + "a", made, sameClient} {
		_, err := s.Verify(t.Context(), bad)
		want(t, err, fault.Unauthenticated)
	}
	s.SetTrial()
	if made, _ = s.newClientKey(strings.Repeat("a", idLength), "staff:x"); !strings.HasPrefix(made, testMark) {
		t.Error(made)
	}
}

// Nothing of the secret is kept: what the store has cannot be shown as a key.
func TestNoKeyIsKept(t *testing.T) {
	s, _, _, who := staffed(t)
	c, key := erp(t, s, who, reads)
	kept, err := s.clients.Get(t.Context(), c.ID)
	if err != nil {
		t.Fatal(err)
	}
	secret := key[len(liveMark)+idLength : len(key)-7]
	for _, k := range kept.Keys {
		if strings.Contains(k.Digest, secret) || k.End != key[len(key)-4:] {
			t.Errorf("%+v", k)
		}
	}
}

// When a key was used is noted to the minute, with one write a minute however often it is used.
func TestLastUseIsNotedOnceAMinute(t *testing.T) {
	s, _, k, who := staffed(t)
	c, key := erp(t, s, who, reads)
	use := func() int64 {
		t.Helper()
		if err := s.KeyUsed(t.Context(), verified(t, s, key)); err != nil {
			t.Fatal(err)
		}
		kept, err := s.clients.Get(t.Context(), c.ID)
		if err != nil {
			t.Fatal(err)
		}
		if used := kept.Keys[0].UsedAt; used.IsZero() || used.Second() != 0 || k.now().Sub(used) >= time.Minute {
			t.Errorf("used at %v, now %v", used, k.now())
		}
		return kept.Version
	}
	first := use()
	if again := use(); again != first {
		t.Error("written twice within a minute")
	}
	k.pass(time.Minute)
	if later := use(); later == first {
		t.Error("not written a minute later")
	}
}

// Whoever made a key of a client could have asked in its name, and so does not decide what it asks for.
func TestWhoHeldAKeyDoesNotDecide(t *testing.T) {
	s, _, _, who := staffed(t)
	c, _ := erp(t, s, who, reads)
	want(t, s.NotTheirClients(t.Context(), who["operator"], c.Actor()), fault.Forbidden)
	if err := s.NotTheirClients(t.Context(), who["finance"], c.Actor()); err != nil {
		t.Error(err)
	}
}

// A client is within the reach of those whose communities are all of its own.
func TestAClientIsWithinReachOfItsCommunities(t *testing.T) {
	s, _, _, who := staffed(t)
	c, _ := erp(t, s, who, reads)
	south, stranger := who["operator"], who["operator"]
	south.Communities, stranger.Company = []string{"south"}, "d"
	for _, by := range []Caller{south, stranger} {
		_, err := s.Client(t.Context(), by, c.ID)
		want(t, err, fault.NotFound)
		_, err = s.RevokeClient(t.Context(), by, c.ID)
		want(t, err, fault.NotFound)
	}
	_, err := s.AddClient(t.Context(), south, "ERP", 0, Grant{Rights: []Right{ReadOrders}})
	want(t, err, fault.Forbidden)
}

// A client that was given a region reaches the communities that are in it on the day, without anybody changing it, and
// a region that it does not have is more than it has.
func TestAClientOfARegion(t *testing.T) {
	s, who, _, north, south := founded(t)
	ctx, operator := t.Context(), who["operator"]
	c, key := erp(t, s, who, Grant{Rights: []Right{ReadOrders}, Regions: []string{north}})
	reaches := func(want ...string) {
		t.Helper()
		is := verified(t, s, key)
		if got := is.Named(); !slices.Equal(got, want) || is.WholeCompany() {
			t.Errorf("it reaches %q, not %q", got, want)
		}
	}
	reaches()
	if _, err := s.AskMove(ctx, Shell("c"), Move{Communities: []string{"a"}, Region: north,
		From: DayOf(s.now())}, Asked{}); err != nil {
		t.Fatal(err)
	}
	reaches("a")
	asks := approval.Matter{Clients: []string{string(ReadOrders)}}
	if err := s.MayStillAsk(ctx, asks, "client:"+c.ID, "c", ScopeOf("a")); err != nil {
		t.Errorf("what it asked for in its region cannot be approved: %v", err)
	}
	if err := s.MayStillAsk(ctx, asks, "client:"+c.ID, "c", ScopeOf("b")); !fault.Is(err, fault.WrongState) {
		t.Errorf("beyond its region: %v", err)
	}
	both := []string{north, south}
	c, err := s.ChangeClient(ctx, operator, c.ID, ClientChange{Regions: &both})
	if err != nil || !slices.Equal(c.Regions, []string{north}) || c.Request.State != approval.Requested {
		t.Errorf("another region at once: %+v %v", c, err)
	}
	only := []string{"a"}
	c, err = s.ChangeClient(ctx, operator, c.ID, ClientChange{Regions: &[]string{}, Communities: &only})
	if err != nil || len(c.Regions) != 0 || !slices.Equal(c.Communities, only) || c.Request != nil {
		t.Errorf("less is not at once: %+v %v", c, err)
	}
	reaches("a")
}
