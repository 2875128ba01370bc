package store

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"linlipay/fault"
)

// RekeyProgress is how far Rekey has come with a collection.
type RekeyProgress struct {
	Collection string
	Looked     int64 // documents that were looked at
	Sealed     int64 // and of these by this run sealed anew
	Whole      bool  // it is done with the collection
}

// rekeyMost is how many documents are looked at between two notes of how far it has come.
const rekeyMost = 200

// Rekey seals every document under the first key: those under another key, those that were never sealed, and what their
// owners have sealed themselves. It may run beside any number of processes that use the store, all of which must have
// that key as their first: each document is replaced by compare-and-set, so no write is lost. However it ends, it may
// be started again, and goes on where it was; each is told how far it has come. When it returns nil all other keys are
// retired: nothing is sealed under them any more. anew looks at all documents again, also at those it was done with.
// What cannot be sealed anew is an Internal fault at the end, when all else is done.
func (s *Sealed) Rekey(ctx context.Context, anew bool, each func(RekeyProgress)) error {
	first := s.sealer.Names()[0]
	if anew {
		_, err := sealKeys.In(s.Store).Update(ctx, first, func(k *sealKey) error { k.Done = nil; return nil })
		if err != nil {
			return err
		}
	}
	var failed []error
	for _, v := range s.all() {
		if !v.holds() && len(v.Secrets) == 0 && !v.Passing {
			continue
		}
		errors, err := s.rekeyAll(ctx, v, first, each)
		if err != nil {
			return err
		}
		failed = append(failed, errors...)
	}
	if len(failed) > 0 {
		return unsealable(failed)
	}
	return s.retireOthers(ctx, first)
}

// unsealable is the fault of documents that cannot be sealed anew, such as some that somebody has changed in the
// database.
func unsealable(failed []error) error {
	n := len(failed)
	return fault.New(fault.Internal, fmt.Sprintf("有 %d 条记录无法重新加密，其余已完成；原密钥须继续保留。", n),
		fmt.Sprintf("%d records could not be sealed anew; all others are. Keep the other keys.", n)).
		Because(errors.Join(failed[:min(n, 10)]...))
}

// Behind reports whether documents may be sealed under another key than the first, or not at all.
func (s *Sealed) Behind(ctx context.Context) (bool, error) {
	known, err := s.knownKeys(ctx)
	if err != nil {
		return false, err
	}
	first := s.sealer.Names()[0]
	for name, k := range known {
		if name != first && !k.retired() {
			return true, nil
		}
	}
	return false, nil
}

// rekeyAll seals the documents of a collection, and returns why some could not be. Where there are such, it will be
// gone through from its beginning the next time.
func (s *Sealed) rekeyAll(ctx context.Context, v *sealable, first string, each func(RekeyProgress)) (failed []error,
	err error) {
	key, err := sealKeys.In(s.Store).Get(ctx, first)
	if err != nil {
		return nil, err
	}
	p := key.Done[v.Name]
	if p.Declared != v.declared {
		p = sealProgress{Declared: v.declared}
	}
	for told := (RekeyProgress{Collection: v.Name, Looked: p.Count}); !p.Whole; {
		docs, err := s.walker().Walk(ctx, v.Name, p.After, rekeyMost)
		if err != nil {
			return nil, err
		}
		sealed, errors, err := s.rekeyPage(ctx, v, docs)
		if err != nil {
			return nil, err
		}
		told.Sealed, failed = told.Sealed+sealed, append(failed, errors...)
		p.Count, p.Whole = p.Count+int64(len(docs)), len(docs) == 0
		if !p.Whole {
			p.After = docs[len(docs)-1].ID
		}
		if told.Looked, told.Whole = p.Count, p.Whole; p.Whole && len(failed) > 0 {
			return failed, s.noteProgress(ctx, v, first, sealProgress{Declared: v.declared})
		}
		if err := s.noteProgress(ctx, v, first, p); err != nil {
			return nil, err
		}
		each(told)
	}
	return nil, nil
}

func (s *Sealed) noteProgress(ctx context.Context, v *sealable, first string, p sealProgress) error {
	_, err := sealKeys.In(s.Store).Update(ctx, first, func(k *sealKey) error {
		if k.Done == nil {
			k.Done = map[string]sealProgress{}
		}
		k.Done[v.Name] = p
		return nil
	})
	return err
}

// rekeyPage seals documents side by side, so that a store that commits many writers together does so. It returns how
// many had to be sealed, and why some could not be; an error ends Rekey.
func (s *Sealed) rekeyPage(ctx context.Context, v *sealable, docs []Doc) (sealed int64, failed []error, err error) {
	var all sync.WaitGroup
	anew, errs := make([]bool, len(docs)), make([]error, len(docs))
	for i, d := range docs {
		all.Go(func() { anew[i], errs[i] = s.rekeyOne(ctx, v, d) })
	}
	all.Wait()
	for i, err := range errs {
		switch {
		case fault.Is(err, fault.Unavailable) || err != nil && ctx.Err() != nil:
			return 0, nil, err
		case err != nil:
			failed = append(failed, err)
		case anew[i]:
			sealed++
		}
	}
	return sealed, failed, nil
}

// rekeyOne seals one document, read without being opened, and reports whether it had to. One that somebody else writes
// meanwhile is read again; one that was deleted is done.
func (s *Sealed) rekeyOne(ctx context.Context, v *sealable, d Doc) (bool, error) {
	for try := range updateTries {
		if v.current(s.sealer, d) {
			return false, nil
		}
		err := s.reseal(ctx, v, d)
		if err == nil {
			return true, nil
		}
		if !fault.Is(err, fault.Stale) {
			return false, fmt.Errorf("store: %s %s: %w", v.Name, d.ID, err)
		}
		if err := s.Pause(ctx, try); err != nil {
			return false, err
		}
		if d, err = s.Store.Get(ctx, v.Name, d.ID); fault.Is(err, fault.NotFound) {
			return false, nil
		} else if err != nil {
			return false, err
		}
	}
	return false, fmt.Errorf("store: %s %s is written too often to be sealed", v.Name, d.ID)
}

func (s *Sealed) reseal(ctx context.Context, v *sealable, d Doc) error {
	if v.Passing {
		return s.Store.Delete(ctx, v.Name, d.ID, d.Version)
	}
	kind := s.kindOf(v.Name)
	if kind.keysOf == nil {
		return errors.New("nobody has bound a kind to the collection")
	}
	opened, err := s.opened(v, d)
	if err != nil {
		return err
	}
	if opened.Body, err = v.secretsAnew(s.sealer, d.ID, opened.Body); err != nil {
		return err
	}
	if opened.Keys, err = kind.keysOf(opened); err != nil {
		return err
	}
	return s.Replace(ctx, v.Name, opened)
}

// retireOthers notes that nothing is sealed under another key than the first, nor plain.
func (s *Sealed) retireOthers(ctx context.Context, first string) error {
	known, err := s.knownKeys(ctx)
	if err != nil {
		return err
	}
	declared, err := s.declarations(ctx, false)
	if err != nil {
		return err
	}
	now := s.now().UTC()
	for name, k := range known {
		if name == first || k.retired() {
			continue
		}
		known[name], err = sealKeys.In(s.Store).Update(ctx, name, func(k *sealKey) error {
			k.RetiredAt, k.Done = now, nil
			if name == plainKey {
				k.Done = declared
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
	s.lookFor(known)
	return nil
}
