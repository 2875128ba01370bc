package app

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"linlipay/audit"
	"linlipay/sqlite"
)

func backupCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "backup DIR",
		Short: "Copy the database while the server runs, and verify the copy",
		Long: "Copy the SQLite database that LINLIPAY_STORE names into the new directory DIR, one consistent state, " +
			"while the server " +
			"goes on. The copy is checked, written to the disk and its books are verified; then the totals and last " +
			"hashes are printed. " +
			"DIR can be opened as LINLIPAY_STORE=sqlite:DIR, or put back with restore. LINLIPAY_SECRET_KEY is not " +
			"in it: keep that " +
			"elsewhere. A copy of the file by other means lacks what stands in the write-ahead log beside it. " +
			"MongoDB has mongodump.",
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return copyStore(cmd, args[0], audit.StoreBackedUp, func(ctx context.Context, dir string) error {
				return sqlite.Backup(ctx, dir, args[0])
			})
		},
	}
}

func restoreCommand() *cobra.Command {
	var lossy bool
	cmd := &cobra.Command{
		Use:   "restore DIR",
		Short: "Put a backup where there is no database, and verify it",
		Long: "Put the backup in DIR into the directory that LINLIPAY_STORE names, which must have no database, and " +
			"verify its books. " +
			"Screens that saw more than the backup has load anew. Money that was taken since the backup is found by " +
			"the institutions' " +
			"messages and by reconciliation, as payments of unknown orders.",
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return copyStore(cmd, "", audit.StoreRestored, func(ctx context.Context, dir string) error {
				return sqlite.Restore(ctx, args[0], dir, lossy)
			})
		},
	}
	cmd.Flags().BoolVar(&lossy, "incomplete", false,
		"take the file of a server that ran, copied without its write-ahead log, as it is: its newest records are lost")
	return cmd
}

// leftEvents is the directory of events of commands that cannot write into the store.
func leftEvents(dir string) string { return filepath.Join(dir, "events") }

// copyStore makes a copy from or into the directory of the SQLite store, leaves the event for the audit log, and
// verifies the books of what was made: in a directory of its own, or "" in the store's.
func copyStore(cmd *cobra.Command, made string, verb audit.Verb, do func(ctx context.Context, dir string) error) error {
	cfg, dir, err := readSQLite()
	if err != nil {
		return err
	}
	made = cmp.Or(made, dir)
	cfg.Store, cfg.existing = "sqlite:"+made, true
	if err := cfg.Validate(); err != nil { // before anything is copied
		return err
	}
	if err := do(cmd.Context(), dir); err != nil {
		return sentence(err)
	}
	if err := audit.Leave(cmd.Context(), leftEvents(dir), time.Now(), audit.Event{Verb: verb}); err != nil {
		return sentence(err)
	}
	return verifyCopy(cmd, cfg, filepath.Join(made, "linlipay.db"))
}

// readSQLite is the configuration of a command that copies the database, and the database's directory.
func readSQLite() (cfg Config, dir string, err error) {
	if cfg, err = readWithoutPort(); err != nil {
		return cfg, "", err
	}
	dir, ok := sqliteDir(cfg.Store)
	if !ok {
		err = errors.New("LINLIPAY_STORE is no SQLite database; MongoDB is backed up by its own mongodump or by " +
			"snapshots")
	}
	return cfg, dir, err
}

// verifyCopy tells how large a copied database is, and verifies its books.
func verifyCopy(cmd *cobra.Command, cfg Config, path string) error {
	info, err := os.Stat(path)
	if err != nil {
		return err
	}
	fmt.Fprintf(cmd.OutOrStdout(), "%s: %d bytes, intact\n", path, info.Size())
	return withStore(cmd, cfg, func(a *App) error { return a.verify(cmd.Context(), "", cmd.OutOrStdout()) })
}

// withStore does something with a store that is there.
func withStore(cmd *cobra.Command, cfg Config, do func(*App) error) error {
	a, err := prepare(cmd.Context(), cfg, cmd.ErrOrStderr())
	if err != nil {
		return err
	}
	return errors.Join(do(a), a.Close())
}

// sqliteDir is the directory of an SQLite store's address; "" is the default.
func sqliteDir(address string) (string, bool) {
	if address == "" {
		return "./data", true
	}
	dir, ok := strings.CutPrefix(address, "sqlite:")
	return dir, ok && dir != ""
}
