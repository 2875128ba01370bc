package sqlite

import (
	"context"
	"errors"
)

// Scrub writes the database file anew without what was deleted or replaced, of which pages of the file and of its
// write-ahead log may hold remains. Nothing else is written meanwhile: it takes some seconds for each gigabyte, and as
// much room as the file beside it. A database that does not answer is Unavailable.
func (s *Store) Scrub(ctx context.Context) error {
	err := s.writer.hand(ctx, s.writer.apart, func(t *tx) error {
		_, err := t.conn.ExecContext(ctx, "VACUUM")
		return errors.Join(err, t.checkpoint(ctx))
	})
	if err != nil {
		return unavailable(err)
	}
	return nil
}
