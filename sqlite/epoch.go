package sqlite

import (
	"context"
	"crypto/rand"
	"errors"
	"os"
	"strconv"
	"strings"

	"linlipay/fault"
	"linlipay/store"
)

// A database that is copied and put back goes on from an older place, and numbers its changes anew from there. So that
// nobody takes the new numbers for the old ones, every opening begins an epoch: a random name, and the number of the
// change after which it begins. A feed's token is "EPOCH.NUMBER"; it is a place in this database's history while its
// epoch is known here and had not ended before that number.

// epochsKept is how many openings the feed reaches back over.
const epochsKept = 1000

// own are the adapter's own tables. linlipay_state says whether a process has the database open: the main file of a
// running server lacks what stands in the write-ahead log beside it.
var own = []string{
	"CREATE TABLE IF NOT EXISTS linlipay_changes (seq INTEGER PRIMARY KEY AUTOINCREMENT, collection TEXT NOT NULL, " +
		"id TEXT NOT NULL, version INTEGER NOT NULL)",
	"CREATE TABLE IF NOT EXISTS linlipay_epochs (no INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT NOT NULL UNIQUE, " +
		"since INTEGER NOT NULL)",
	"CREATE TABLE IF NOT EXISTS linlipay_state (running INTEGER NOT NULL)",
	"INSERT INTO linlipay_state SELECT 0 WHERE NOT EXISTS (SELECT 1 FROM linlipay_state)",
	"CREATE TABLE IF NOT EXISTS linlipay_ping (at INTEGER NOT NULL)",
	"INSERT INTO linlipay_ping SELECT 0 WHERE NOT EXISTS (SELECT 1 FROM linlipay_ping)",
}

// newest is the number of the last change, 0 before the first.
const newest = "COALESCE((SELECT seq FROM sqlite_sequence WHERE name = 'linlipay_changes'), 0)"

// begin makes the adapter's tables and begins an epoch. alone says that there was no write-ahead log beside the
// database when it was opened: then it must not say that a process has it open.
func (t *tx) begin(ctx context.Context, dir string, alone bool) (epoch string, err error) {
	for _, q := range own {
		if err := t.exec(q); err != nil {
			return "", err
		}
	}
	var running bool
	if err := t.conn.QueryRowContext(ctx, "SELECT running FROM linlipay_state").Scan(&running); err != nil {
		return "", err
	}
	if running && alone {
		return "", incomplete(dir)
	}
	epoch = rand.Text()
	return epoch, errors.Join(
		t.exec("INSERT INTO linlipay_epochs (name, since) SELECT ?, "+newest, epoch),
		t.exec("DELETE FROM linlipay_epochs WHERE no <= (SELECT MAX(no) FROM linlipay_epochs) - ?", epochsKept),
		t.exec("UPDATE linlipay_state SET running = 1"),
		t.checkpoint(ctx), // so that the main file says it, whoever copies it
	)
}

// checkpoint brings the write-ahead log into the main file.
func (t *tx) checkpoint(ctx context.Context) error {
	var busy, pages, moved int
	return t.conn.QueryRowContext(ctx, "PRAGMA wal_checkpoint(TRUNCATE)").Scan(&busy, &pages, &moved)
}

// end says that no process has the database open any more.
func (t *tx) end() error { return t.exec("UPDATE linlipay_state SET running = 0") }

// incomplete is the fault of the file of a running server, copied without its write-ahead log.
func incomplete(dir string) *fault.Error {
	return fault.New(fault.Unavailable,
		dir+" 中的数据库是从运行中的服务器直接复制的文件，缺少最新的记录。备份请使用 linlipay backup；"+
			"若没有其他副本，可用 linlipay restore --incomplete 按现状恢复。",
		"The database in "+dir+" is a file copied from a running server and lacks its newest records. Take "+
			"backups with "+
			"linlipay backup; if there is no other copy, linlipay restore --incomplete takes it as it is.")
}

// there reports whether a file exists.
func there(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

// start turns a token into the number of the change after which to read.
func (f *feed) start(ctx context.Context, after store.Token) (int64, error) {
	var oldest, last int64
	row := f.readers.QueryRowContext(ctx, "SELECT COALESCE((SELECT MIN(seq) FROM linlipay_changes), 1), "+newest)
	if err := row.Scan(&oldest, &last); err != nil {
		return 0, unavailable(err)
	}
	if after == "" {
		return last, nil
	}
	epoch, number, _ := strings.Cut(string(after), ".")
	seq, err := strconv.ParseInt(number, 10, 64)
	if err != nil || seq < oldest-1 {
		return 0, expired()
	}
	var end int64 // of the epoch: where the next one begins; -1 is an epoch that is not of this database's history
	row = f.readers.QueryRowContext(ctx, "SELECT COALESCE((SELECT COALESCE((SELECT MIN(since) FROM linlipay_epochs n "+
		"WHERE n.no > e.no), "+newest+") FROM linlipay_epochs e WHERE e.name = ?), -1)", epoch)
	if err := row.Scan(&end); err != nil {
		return 0, unavailable(err)
	}
	if seq > end {
		return 0, expired()
	}
	return seq, nil
}

func expired() *fault.Error {
	return fault.New(fault.Expired, "事件已过期，请刷新。", "The feed no longer reaches back that far.")
}

// token is the place in the feed after a change.
func (f *feed) token(seq int64) store.Token {
	return store.Token(f.epoch + "." + strconv.FormatInt(seq, 10))
}
