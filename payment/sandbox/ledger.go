package sandbox

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"time"

	"linlipay/money"
)

// Line is one line of what an institution believes it took and gave back.
type Line struct {
	Institution   string    `json:"institution"`
	Merchant      string    `json:"merchant"`
	OutTradeNo    string    `json:"out_trade_no"`
	TransactionID string    `json:"transaction_id"`
	TakenFen      money.Fen `json:"taken_fen"`
	GivenBackFen  money.Fen `json:"given_back_fen"`
	At            time.Time `json:"at"`
}

// ledger is append-only; with a directory it is a file that survives a restart.
type ledger struct {
	mu    sync.Mutex
	lines []Line
	file  *os.File
}

func (l *ledger) open(dir string) error {
	if dir == "" {
		return nil
	}
	f, err := os.OpenFile(filepath.Join(dir, "ledger.jsonl"), os.O_CREATE|os.O_RDWR|os.O_APPEND, 0o600)
	if err != nil {
		return fmt.Errorf("sandbox: the ledger cannot be opened: %w", err)
	}
	l.file = f
	for rows := bufio.NewScanner(f); rows.Scan(); {
		var line Line
		if json.Unmarshal(rows.Bytes(), &line) != nil {
			break // the last line, torn by a crash before it was acknowledged
		}
		l.lines = append(l.lines, line)
	}
	return nil
}

// write appends a line; when it returns nil the line is durable.
func (l *ledger) write(line Line) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.file != nil {
		raw, err := json.Marshal(line)
		if err != nil {
			return err
		}
		if _, err := l.file.Write(append(raw, '\n')); err != nil {
			return err
		}
		if err := l.file.Sync(); err != nil {
			return err
		}
	}
	l.lines = append(l.lines, line)
	return nil
}

func (l *ledger) all() []Line {
	l.mu.Lock()
	defer l.mu.Unlock()
	return slices.Clone(l.lines)
}

func (l *ledger) close() error {
	if l.file == nil {
		return nil
	}
	return l.file.Close()
}
