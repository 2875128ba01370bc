package app

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"linlipay/audit"
	"linlipay/fault"
	"linlipay/seal"
	"linlipay/store"
)

// box is what seals the store: LINLIPAY_SECRET_KEY, and the keys beside it.
func (c Config) box() (seal.Box, error) {
	if _, err := seal.New(c.SecretKey); err != nil {
		return seal.Box{}, notAKey("LINLIPAY_SECRET_KEY")
	}
	box, err := seal.New(c.SecretKey, c.otherSecretKeys()...)
	if err != nil {
		return seal.Box{}, notAKey("each of LINLIPAY_OTHER_SECRET_KEYS")
	}
	return box, nil
}

// otherSecretKeys are the keys in OtherSecretKeys beside SecretKey.
func (c Config) otherSecretKeys() (others []string) {
	for text := range strings.SplitSeq(c.OtherSecretKeys, ",") {
		if text = strings.TrimSpace(text); text != "" && text != c.SecretKey {
			others = append(others, text)
		}
	}
	return others
}

func notAKey(which string) error {
	return fmt.Errorf("%s must be 32 bytes in base64, such as `openssl rand -base64 32` prints", which)
}

// checkKeys refuses keys that are not the store's, and tells of a store that waits to be sealed.
func (a *App) checkKeys(ctx context.Context) error {
	err := a.sealed.Check(ctx)
	if f := (*fault.Error)(nil); errors.As(err, &f) && errors.Unwrap(f) == nil { // the sentence is all there is to say
		return errors.New(f.ZH + " " + f.EN)
	} else if err != nil {
		return sentence(err)
	}
	behind, err := a.sealed.Behind(ctx)
	if behind {
		a.log.Warn("the store holds what is sealed under another key than LINLIPAY_SECRET_KEY, or not at all: run " +
			"linlipay rekey")
	}
	return err
}

func rekeyCommand() *cobra.Command {
	var anew bool
	cmd := &cobra.Command{
		Use:   "rekey",
		Short: "Seal everything in the store under LINLIPAY_SECRET_KEY",
		Long: "Seal personal data, merchant secrets and signing keys under LINLIPAY_SECRET_KEY: what is sealed under " +
			"one of LINLIPAY_OTHER_SECRET_KEYS, and what a version before sealing has left plain. Every process " +
			"must have been started with the new key as LINLIPAY_SECRET_KEY and the old one among the others. On " +
			"MongoDB it runs beside the servers; on SQLite the server must be stopped. It may be interrupted at " +
			"any time: run it again and it goes on where it was, and the server may serve in between. At its end " +
			"it says which keys can be dropped, and an SQLite file is written anew without what stood there before.",
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return rekeyStore(cmd, anew)
		},
	}
	cmd.Flags().BoolVar(&anew, "anew", false, "look at every document again, also where that was done before")
	return cmd
}

// rekeyStore opens the store, which must be there, and seals it anew.
func rekeyStore(cmd *cobra.Command, anew bool) error {
	cfg, err := readWithoutPort()
	if err != nil {
		return err
	}
	cfg.existing = true
	return withStore(cmd, cfg, func(a *App) error {
		a.settles = true
		return a.rekey(cmd.Context(), anew, cmd.OutOrStdout())
	})
}

// scrubber is a store that can take away what remains of what was replaced.
type scrubber interface {
	Scrub(ctx context.Context) error
}

// tellPause is how often a collection that takes long is told of.
const tellPause = 5 * time.Second

func (a *App) rekey(ctx context.Context, anew bool, out io.Writer) error {
	names := a.box.Names()
	fmt.Fprintf(out, "sealing under key %s\n", names[0])
	begin := time.Now()
	if err := a.sealed.Rekey(ctx, anew, rekeyProgress(out)); err != nil {
		return fmt.Errorf("%w: what was sealed stays sealed; run linlipay rekey again to go on", sentence(err))
	}
	done := audit.Event{Verb: audit.StoreRekeyed, After: audit.State{"key": names[0]}}
	if err := a.Audit.Record(ctx, done); err != nil {
		return sentence(err)
	}
	if err := a.scrub(ctx, out); err != nil {
		return sentence(err)
	}
	fmt.Fprintf(out, "done in %s: everything is sealed under key %s\n", time.Since(begin).Round(time.Second),
		names[0])
	if len(names) > 1 {
		fmt.Fprintf(out, "LINLIPAY_OTHER_SECRET_KEYS (%s) can be dropped now; keep them as long as you keep backups "+
			"of before.\n", strings.Join(names[1:], ", "))
	}
	return nil
}

// rekeyProgress prints how far it is, at the end of each collection and in between every tellPause.
func rekeyProgress(out io.Writer) func(store.RekeyProgress) {
	told := time.Now()
	return func(p store.RekeyProgress) {
		if p.Whole && p.Looked > 0 || time.Since(told) > tellPause {
			fmt.Fprintf(out, "%-20s %9d looked at, %9d sealed anew\n", p.Collection, p.Looked, p.Sealed)
			told = time.Now()
		}
	}
}

// scrub takes away what remains of what was replaced, where the store can.
func (a *App) scrub(ctx context.Context, out io.Writer) error {
	s, ok := a.sealed.Store.(scrubber)
	if !ok {
		return nil
	}
	fmt.Fprintln(out, "writing the file anew, without what stood there before")
	return s.Scrub(ctx)
}
