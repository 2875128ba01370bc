package audit

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"
)

// A command that may not write into the store because a server has it open, such as a backup, leaves its event in a
// directory beside the store. Whoever opens the store next, or has it open, chains it.

// Leave writes an event into the directory, which it makes (0700), and returns when it is on the disk. Who did it is
// taken from ctx. Its errors are those of the file system; the event is then not kept.
func Leave(ctx context.Context, dir string, now time.Time, e Event) error {
	e.At, e.ID = now, rand.Text()
	e = e.by(WhoIn(ctx))
	raw, err := json.Marshal(e)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	part := filepath.Join(dir, e.ID+".part")
	f, err := os.OpenFile(part, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	_, err = f.Write(raw)
	if err := errors.Join(err, f.Sync(), f.Close()); err != nil {
		return errors.Join(err, os.Remove(part))
	}
	return os.Rename(part, filepath.Join(dir, e.ID+".json"))
}

type spool string

// Spool is the directory that Leave leaves events in, as an Outbox.
func Spool(dir string) Outbox { return spool(dir) }

func (dir spool) settle(ctx context.Context, s *Service) (int, error) {
	files, err := os.ReadDir(string(dir))
	if errors.Is(err, fs.ErrNotExist) {
		return 0, nil
	}
	if err != nil {
		return 0, err
	}
	written, failed := 0, error(nil)
	for _, entry := range files {
		if filepath.Ext(entry.Name()) != ".json" {
			continue // not whole
		}
		file := filepath.Join(string(dir), entry.Name())
		raw, err := os.ReadFile(file)
		if errors.Is(err, fs.ErrNotExist) {
			continue // another process was faster
		}
		var e Event
		if err == nil {
			err = json.Unmarshal(raw, &e)
		}
		if err != nil {
			failed = errors.Join(failed, fmt.Errorf("the event in %s cannot be read: %w", file, err))
			continue // it keeps no other waiting
		}
		if err := s.append(ctx, e); err != nil {
			return written, errors.Join(failed, err)
		}
		if err := os.Remove(file); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return written, errors.Join(failed, err)
		}
		written++
	}
	return written, failed
}
