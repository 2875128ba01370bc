package store

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"linlipay/fault"
)

// sealKey says that documents are, or were, sealed under a key. It is known by its public name alone.
type sealKey struct {
	ID      string    `json:"id"` // the key's name, or plainKey
	Version int64     `json:"-"`
	Since   time.Time `json:"since"`
	// nothing is sealed under it any more: it may be forgotten
	RetiredAt time.Time `json:"retired_at,omitzero"`

	// how far Rekey has come with this key as the first, by collection; of plainKey, what was declared when nothing
	// plain was left
	Done map[string]sealProgress `json:"done,omitempty"`
}

// sealProgress is how far Rekey has come with a collection.
type sealProgress struct {
	Declared string `json:"declared"` // by which declarations
	After    string `json:"after,omitempty"`
	Whole    bool   `json:"whole,omitempty"`
	Count    int64  `json:"count"` // documents that were looked at
}

// plainKey stands for no key: documents of a version that did not seal.
const plainKey = "plain"

var sealKeys = Kind[sealKey]{
	Schema:  Schema{Name: "seal_keys"},
	ID:      func(k *sealKey) string { return k.ID },
	Version: func(k *sealKey) *int64 { return &k.Version },
	Keys:    func(*sealKey) Keys { return nil },
	Copy:    func(k *sealKey) *sealKey { c := *k; c.Done = maps.Clone(k.Done); return &c },
}

func (k *sealKey) retired() bool { return k != nil && !k.RetiredAt.IsZero() }

// Check compares the sealer's keys with those that the store's documents are sealed under, and notes the first key
// where it is new. A key that is missing, or that was retired, is an Unavailable fault whose sentence says what to do.
// It must be called after Ensure and before the store is used.
func (s *Sealed) Check(ctx context.Context) error {
	known, err := s.knownKeys(ctx)
	if err != nil {
		return err
	}
	if err := s.check(ctx, known); err != nil {
		return err
	}
	first := s.sealer.Names()[0]
	if known[plainKey] == nil {
		if err := s.firstStart(ctx); err != nil {
			return err
		}
	} else if err := s.declaredAnew(ctx, known[plainKey]); err != nil {
		return err
	}
	err = sealKeys.In(s.Store).Insert(ctx, &sealKey{ID: first, Since: s.now().UTC()})
	if err != nil && !fault.Is(err, fault.AlreadyExists) {
		return err
	}
	if known, err = s.knownKeys(ctx); err == nil {
		s.lookFor(known)
	}
	return err
}

func (s *Sealed) knownKeys(ctx context.Context) (map[string]*sealKey, error) {
	docs, err := s.walker().Walk(ctx, sealKeys.Name, "", MaxLimit)
	if err != nil {
		return nil, err
	}
	known, c := map[string]*sealKey{}, sealKeys.In(s.Store)
	for _, d := range docs {
		if known[d.ID], err = c.Read(d); err != nil {
			return nil, err
		}
	}
	return known, nil
}

func (s *Sealed) walker() Walker { return s.Store.(Walker) }

// check is the fault of keys that are not those of the store.
func (s *Sealed) check(ctx context.Context, known map[string]*sealKey) error {
	names := s.sealer.Names()
	for _, name := range slices.Sorted(maps.Keys(known)) {
		if name != plainKey && !known[name].retired() && !slices.Contains(names, name) {
			return missingKey(name, names[0])
		}
	}
	if k := known[names[0]]; k.retired() {
		return retiredKey(names[0], k.RetiredAt.Format(time.DateOnly))
	}
	if known[plainKey] != nil {
		return nil
	}
	return s.opensSecrets(ctx)
}

func retiredKey(name, day string) error {
	return fault.New(fault.Unavailable,
		fmt.Sprintf("LINLIPAY_SECRET_KEY（%s）已于 %s 轮换停用，请改用轮换后的新密钥。", name, day),
		fmt.Sprintf("LINLIPAY_SECRET_KEY (%s) was replaced on %s and is retired: set the key that took its place.",
			name, day))
}

func missingKey(name, first string) error {
	return fault.New(fault.Unavailable,
		fmt.Sprintf("库中数据由密钥 %s 加密，而配置中只有 %s：若密钥填错，请把 LINLIPAY_SECRET_KEY 改回原密钥；若正在更换密钥，"+
			"请把原密钥加入 LINLIPAY_OTHER_SECRET_KEYS，再运行 linlipay rekey。", name, first),
		fmt.Sprintf("The store is sealed under key %s, which is not configured (LINLIPAY_SECRET_KEY is key %s): if "+
			"the key is wrong, set LINLIPAY_SECRET_KEY to the one the store had; if it is being replaced, add the "+
			"one it had to LINLIPAY_OTHER_SECRET_KEYS and run linlipay rekey.", name, first))
}

// opensSecrets is the fault of keys that do not open what an older version has sealed, which did not note its key.
func (s *Sealed) opensSecrets(ctx context.Context) error {
	for _, v := range s.all() {
		if len(v.Secrets) == 0 || v.Passing {
			continue
		}
		docs, err := s.walker().Walk(ctx, v.Name, "", 20)
		if err != nil {
			return err
		}
		for _, d := range docs {
			if _, err := v.secretsAnew(s.sealer, d.ID, d.Body); err != nil {
				return notItsKey().Because(err)
			}
		}
	}
	return nil
}

func notItsKey() *fault.Error {
	return fault.New(fault.Unavailable, "LINLIPAY_SECRET_KEY 不是库中密文所用的密钥，请改回原密钥。",
		"LINLIPAY_SECRET_KEY is not the key that the store was sealed under: set the one it had.")
}

// all are the schemas, in the order of their names.
func (s *Sealed) all() []*sealable {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return slices.SortedFunc(maps.Values(s.schemas), func(a, b *sealable) int {
		return strings.Compare(a.Name, b.Name)
	})
}

// declarations are what is declared now, by collection; only of those with documents where filled is set.
func (s *Sealed) declarations(ctx context.Context, filled bool) (map[string]sealProgress, error) {
	done := map[string]sealProgress{}
	for _, v := range s.all() {
		if !v.holds() {
			continue
		}
		if filled {
			if empty, err := s.empty(ctx, v); err != nil {
				return nil, err
			} else if empty {
				continue
			}
		}
		done[v.Name] = sealProgress{Declared: v.declared, Whole: true}
	}
	return done, nil
}

// empty reports whether a collection has no documents.
func (s *Sealed) empty(ctx context.Context, v *sealable) (bool, error) {
	docs, err := s.walker().Walk(ctx, v.Name, "", 1)
	return err == nil && len(docs) == 0, err
}

// firstStart notes whether there are documents that were never sealed.
func (s *Sealed) firstStart(ctx context.Context) error {
	filled, err := s.declarations(ctx, true)
	if err != nil {
		return err
	}
	plain := &sealKey{ID: plainKey, Since: s.now().UTC()}
	if len(filled) == 0 {
		plain.RetiredAt = plain.Since
		if plain.Done, err = s.declarations(ctx, false); err != nil {
			return err
		}
	}
	err = sealKeys.In(s.Store).Insert(ctx, plain)
	if fault.Is(err, fault.AlreadyExists) { // another process was faster
		return nil
	}
	return err
}

// declaredAnew takes plain documents for possible again where more is declared than was when the last one was sealed.
func (s *Sealed) declaredAnew(ctx context.Context, plain *sealKey) error {
	if !plain.retired() {
		return nil
	}
	filled, err := s.declarations(ctx, true)
	if err != nil {
		return err
	}
	for name, p := range filled {
		if plain.Done[name].Declared == p.Declared {
			continue
		}
		_, err := sealKeys.In(s.Store).Update(ctx, plainKey, func(k *sealKey) error {
			k.RetiredAt = time.Time{}
			return nil
		})
		return err
	}
	return nil
}

// lookFor sets under which other keys documents are looked for.
func (s *Sealed) lookFor(known map[string]*sealKey) {
	var others []int
	for i, name := range s.sealer.Names() {
		if i > 0 && !known[name].retired() {
			others = append(others, i)
		}
	}
	if !known[plainKey].retired() {
		others = append(others, asPlain)
	}
	s.others.Store(&others)
}
