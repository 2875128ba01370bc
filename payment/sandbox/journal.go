package sandbox

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"sync"
)

// journal is append-only; with a directory it is a file that survives a restart.
type journal[T any] struct {
	mu    sync.Mutex
	lines []T
	file  *os.File
}

// open reads what an earlier run wrote. A last line torn by a crash was never acknowledged: it is cut off.
func (j *journal[T]) open(dir, name string) error {
	if dir == "" {
		return nil
	}
	f, err := os.OpenFile(filepath.Join(dir, name), os.O_CREATE|os.O_RDWR|os.O_APPEND, 0o600)
	if err != nil {
		return fmt.Errorf("sandbox: %s cannot be opened: %w", name, err)
	}
	j.file = f
	var whole int64
	rows := bufio.NewReader(f)
	for {
		row, err := rows.ReadBytes('\n')
		if err != nil && !errors.Is(err, io.EOF) {
			return fmt.Errorf("sandbox: %s cannot be read: %w", name, err)
		}
		var line T
		if err != nil || json.Unmarshal(row, &line) != nil {
			return f.Truncate(whole)
		}
		whole += int64(len(row))
		j.lines = append(j.lines, line)
	}
}

// write appends a line; when it returns nil the line is durable.
func (j *journal[T]) write(line T) error {
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.file != nil {
		raw, err := json.Marshal(line)
		if err != nil {
			return err
		}
		if _, err := j.file.Write(append(raw, '\n')); err != nil {
			return err
		}
		if err := j.file.Sync(); err != nil {
			return err
		}
	}
	j.lines = append(j.lines, line)
	return nil
}

func (j *journal[T]) all() []T {
	j.mu.Lock()
	defer j.mu.Unlock()
	return slices.Clone(j.lines)
}

func (j *journal[T]) close() error {
	if j.file == nil {
		return nil
	}
	return j.file.Close()
}
