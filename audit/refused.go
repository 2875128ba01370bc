package audit

import (
	"context"
	"errors"
	"sync"
	"time"

	"linlipay/fault"
)

// What is refused again and again, guesses at a password above all, must not fill the log: the first is written at
// once, and those that follow within a minute are one line that says how many.
const (
	tallyTime = time.Minute
	tallyMost = 100 // lines of one company that are open at once; what comes above is counted together
)

// tally counts what followed an event that was written.
type tally struct {
	event Event // as it was written, to be written again with the count
	since time.Time
	more  int
}

type tallies struct {
	mu   sync.Mutex
	open map[string]*tally
	of   map[string]int // how many are open, by company
}

// Count writes an event of what was refused, or counts it: see above. It returns an error when the event can neither be
// written nor stands for others that were.
func (s *Service) Count(ctx context.Context, e Event) error {
	e.At = s.now()
	e = e.by(WhoIn(ctx))
	t, first := s.refused.count(e)
	if !first {
		return nil
	}
	err := s.Record(ctx, t.event)
	if err != nil {
		s.refused.owe(t)
	}
	return err
}

// count finds the tally of an event, and says whether the event is its first.
func (c *tallies) count(e Event) (t *tally, first bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.open == nil {
		c.open, c.of = map[string]*tally{}, map[string]int{}
	}
	t = c.open[keyOf(e)]
	if t == nil && c.of[e.Company] >= tallyMost { // from everywhere, or at everybody
		e.Actor, e.From, e.Object, e.Request = "", "", "", ""
		t = c.open[keyOf(e)]
	}
	if t != nil {
		t.more++
		return t, false
	}
	t = &tally{event: e, since: e.At}
	c.open[keyOf(e)] = t
	c.of[e.Company]++
	return t, true
}

func keyOf(e Event) string {
	return e.Company + "\n" + string(e.Verb) + "\n" + e.Actor + "\n" + e.From + "\n" + e.Object
}

// owe counts an event that could not be written among those that will be.
func (c *tallies) owe(t *tally) {
	c.mu.Lock()
	defer c.mu.Unlock()
	t.more++
}

// ended are the tallies whose minute is over, or with all every one.
func (c *tallies) ended(now time.Time, all bool) []*tally {
	c.mu.Lock()
	defer c.mu.Unlock()
	var list []*tally
	for _, t := range c.open {
		if all || now.Sub(t.since) >= tallyTime {
			list = append(list, t)
		}
	}
	return list
}

// close takes a tally whose count was written out, or lets it go on with what was counted meanwhile.
func (c *tallies) close(t *tally, written int, now time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if t.more -= written; t.more > 0 {
		t.since = now
		return
	}
	delete(c.open, keyOf(t.event))
	if c.of[t.event.Company]--; c.of[t.event.Company] == 0 {
		delete(c.of, t.event.Company)
	}
}

func (c *tallies) counted(t *tally) int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return t.more
}

// writeCounts writes what was counted in minutes that are over, or with all in every one.
func (s *Service) writeCounts(ctx context.Context, all bool) error {
	var failed error
	for _, t := range s.refused.ended(s.now(), all) {
		n := s.refused.counted(t)
		if n > 0 {
			e := t.event
			e.ID, e.Request, e.Count = "", "", n
			if err := s.Record(ctx, e); err != nil {
				failed = errors.Join(failed, err)
				continue
			}
		}
		s.refused.close(t, n, s.now())
	}
	return failed
}

func busy(why error) error {
	return fault.New(fault.Unavailable, "系统繁忙，请稍后重试。", "Timed out; please try again.").Because(why)
}
