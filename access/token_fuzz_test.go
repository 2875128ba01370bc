package access

import (
	"crypto/ed25519"
	"encoding/base64"
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"

	"linlipay/fault"
	"linlipay/seal"
	"linlipay/sqlite/sqlitetest"
)

// opened is a service over a real store for fuzzing.
func opened(f *testing.F) (*Service, *clock) {
	f.Helper()
	st := sqlitetest.Open(f, Schemas()...)
	box, err := seal.New(seal.NewKey())
	if err != nil {
		f.Fatal(err)
	}
	c := &clock{at: time.Date(2026, 11, 24, 9, 0, 0, 0, time.UTC)}
	return NewService(st, box, cheap, c.now), c
}

// edit replaces cut bytes at a place; places beyond the end count from the beginning again.
func edit(s string, at, cut uint16, insert string) string {
	from := int(at) % (len(s) + 1)
	return s[:from] + insert + s[min(len(s), from+int(cut)):]
}

func refused(t *testing.T, err error) {
	t.Helper()
	if !fault.Is(err, fault.Unauthenticated) {
		t.Fatalf("refused with %v", err)
	}
}

// A good token with one edit never verifies. The signature's text may hold line breaks, which no header can carry.
func FuzzVerifyEdited(f *testing.F) {
	s, _ := opened(f)
	tokens, err := s.Open(f.Context(), Caller{Kind: ResidentKind, ID: "1"}, Origin{})
	if err != nil {
		f.Fatal(err)
	}
	token := tokens.Access
	if c, err := s.Verify(f.Context(), token); err != nil || c.ID != "1" {
		f.Fatal(c, err)
	}
	end := uint16(len(token))
	f.Add(end, uint16(0), "")
	f.Add(uint16(0), uint16(1), "f")
	for _, last := range []string{"B", "R", "h", "x"} {
		// each stands for the same bits as one of the four that a signature may end with
		f.Add(end-1, uint16(1), last)
	}
	f.Add(end, uint16(0), "=")
	f.Add(end, uint16(0), ".")
	f.Add(end, uint16(0), "\n")
	f.Add(uint16(0), uint16(0), "Bearer ")
	f.Add(uint16(0), uint16(strings.Index(token, ".")), "eyJhbGciOiJub25lIn0")
	f.Add(uint16(strings.LastIndex(token, ".")), uint16(200), ".")
	f.Fuzz(func(t *testing.T, at, cut uint16, insert string) {
		changed := edit(token, at, cut, insert)
		c, err := s.Verify(t.Context(), changed)
		if strings.NewReplacer("\r", "", "\n", "").Replace(changed) == token &&
			strings.HasPrefix(changed, token[:strings.LastIndex(token, ".")]) {
			if err != nil || c.ID != "1" {
				t.Fatalf("the token itself: %+v, %v", c, err)
			}
			return
		}
		if err == nil {
			t.Fatalf("%q was believed: %+v", changed, c)
		}
		refused(t, err)
	})
}

// Whatever header and claims are signed, by our key (signer 0) or another's, a token counts only when our key signed an
// EdDSA token for this audience that has not ended; and the caller is whom it names.
func FuzzVerifyClaims(f *testing.F) {
	s, clock := opened(f)
	id, ours, err := s.signer(f.Context())
	if err != nil {
		f.Fatal(err)
	}
	_, others, err := ed25519.GenerateKey(nil)
	if err != nil {
		f.Fatal(err)
	}
	good := `{"alg":"EdDSA","typ":"JWT","kid":"` + id + `"}`
	opened, err := s.Open(f.Context(), Caller{Kind: ResidentKind, ID: "1"}, Origin{})
	if err != nil {
		f.Fatal(err)
	}
	of, _, _ := strings.Cut(opened.Refresh, ".")
	first := `{"sub":"1","aud":"linlipay","exp":1796000000,"kind":"resident","sid":"` + of + `"}`
	f.Add(good, first, uint8(0))
	f.Add(good, `{"sub":"1","aud":["x","linlipay"],"exp":1796000000,"kind":"resident","sid":"`+of+`"}`, uint8(0))
	f.Add(good, `{"sub":"2","aud":"linlipay","exp":1796000000,"kind":"resident","sid":"`+of+`"}`, uint8(0))
	f.Add(good, `{"sub":"1","aud":"linlipay","exp":1796000000,"kind":"staff","sid":"`+of+`"}`, uint8(0))
	f.Add(good, `{"sub":"shell","aud":"linlipay","exp":1796000000,"kind":"shell"}`, uint8(0))
	f.Add(good, `{"sub":"1","aud":"linlipay","exp":1796000000}`, uint8(1))
	f.Add(good, `{"sub":"1","aud":"linlipay","exp":1}`, uint8(0))
	f.Add(good, `{"sub":"1","aud":"linlipay"}`, uint8(0))
	f.Add(good, `{"sub":"1","aud":"linlipay","exp":null}`, uint8(0))
	f.Add(good, `{"sub":"1","aud":"linlipay","exp":1e300}`, uint8(0))
	f.Add(good, `{"sub":"1","aud":"linlipay","exp":"1796000000"}`, uint8(0))
	f.Add(good, `{"sub":"1","aud":"linlipay","exp":1796000000,"nbf":1795999999}`, uint8(0))
	f.Add(good, `{"sub":"1","aud":null,"exp":1796000000}`, uint8(0))
	f.Add(good, `{"sub":"1","aud":"other","exp":1796000000}`, uint8(0))
	f.Add(good, `null`, uint8(0))
	f.Add(good, `[]`, uint8(0))
	f.Add(strings.Replace(good, "EdDSA", "none", 1), `{"aud":"linlipay","exp":1796000000}`, uint8(0))
	f.Add(strings.Replace(good, "EdDSA", "HS256", 1), `{"aud":"linlipay","exp":1796000000}`, uint8(0))
	f.Add(strings.Replace(good, id, "k0", 1), `{"aud":"linlipay","exp":1796000000}`, uint8(0))
	f.Add(`null`, `{"aud":"linlipay","exp":1796000000}`, uint8(0))
	f.Add(`{"alg":["EdDSA"],"kid":1}`, `{"aud":"linlipay","exp":1796000000}`, uint8(0))
	f.Fuzz(func(t *testing.T, header, body string, signer uint8) {
		key := ours
		if signer != 0 {
			key = others
		}
		text := base64.RawURLEncoding.EncodeToString([]byte(header)) + "." +
			base64.RawURLEncoding.EncodeToString([]byte(body))
		c, err := s.Verify(t.Context(), text+"."+base64.RawURLEncoding.EncodeToString(ed25519.Sign(key, []byte(text))))
		if err != nil && header == good && body == first && signer == 0 {
			t.Fatalf("a good token: %v", err)
		}
		if err != nil {
			refused(t, err)
			return
		}
		var h struct {
			Alg string `json:"alg"`
			Kid string `json:"kid"`
		}
		var says struct {
			Sub string      `json:"sub"`
			Aud any         `json:"aud"`
			Exp json.Number `json:"exp"`
		}
		if json.Unmarshal([]byte(header), &h) != nil || json.Unmarshal([]byte(body), &says) != nil {
			t.Fatalf("%s.%s was believed", header, body)
		}
		audiences, _ := says.Aud.([]any)
		if signer != 0 || h.Alg != "EdDSA" || h.Kid != id || says.Aud != "linlipay" &&
			!slices.Contains(audiences, "linlipay") ||
			says.Exp == "" || !c.Expires.After(clock.now()) || c.ID != says.Sub {
			t.Fatalf("%s.%s was believed as %+v", header, body, c)
		}
	})
}

// Only a refresh token that was given renews or ends a session. Another text leaves it alone, also one with the
// session's id, which others may know.
func FuzzRefresh(f *testing.F) {
	s, _ := opened(f)
	given, err := s.Open(f.Context(), Caller{Kind: ResidentKind, ID: "r"}, Origin{})
	if err != nil {
		f.Fatal(err)
	}
	for _, text := range []string{"", ".", "x", "x.y", "..", strings.ToLower(given.Refresh), "\x00.\x00",
		"' OR 1=1 --.", "\xff.\xff", given.Refresh[1:]} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		fresh, err := s.Open(t.Context(), Caller{Kind: ResidentKind, ID: "r"}, Origin{})
		if err != nil {
			t.Fatal(err)
		}
		id, secret, _ := strings.Cut(fresh.Refresh, ".")
		if before, after, _ := strings.Cut(text, "."); before == id || after == secret || text == secret {
			t.Skip("guessed")
		}
		_, _, err = s.Refresh(t.Context(), text)
		refused(t, err)
		if err := s.Revoke(t.Context(), text); err != nil {
			t.Fatalf("revoking %q: %v", text, err)
		}
		next, c, err := s.Refresh(t.Context(), fresh.Refresh)
		if err != nil || c.ID != "r" {
			t.Fatalf("%q ended another's session: %v", text, err)
		}
		_, _, err = s.Refresh(t.Context(), id+"."+text)
		refused(t, err)
		if err := s.Revoke(t.Context(), id+"."+text); err != nil {
			t.Fatalf("revoking %q: %v", text, err)
		}
		if _, _, err = s.Refresh(t.Context(), next.Refresh); err != nil {
			t.Fatalf("who knows a session's id ended it with %q: %v", text, err)
		}
	})
}
