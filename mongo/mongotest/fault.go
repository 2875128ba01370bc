package mongotest

import (
	"slices"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
)

// Fault is what goes wrong with the next commands of a name.
type Fault struct {
	Command string // such as insert; "" is every command but hello
	Stage   string // only an aggregate whose first stage is this one, such as $changeStream
	Skip    int    // how many such commands go well first
	Times   int    // how many are met; 0 is one, a negative number is all from now on

	Code         int32         // the command fails with this code
	Labels       []string      // error labels of that failure
	Close        bool          // the connection is closed instead of an answer
	Delay        time.Duration // the answer comes this much later
	Done         bool          // the command is carried out before it fails
	WriteConcern int32         // the command is carried out, and its answer holds a write-concern error of this code
}

// Fail adds faults; the first that fits a command meets it.
func (p *Played) Fail(faults ...Fault) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, f := range faults {
		if f.Times == 0 {
			f.Times = 1
		}
		p.faults = append(p.faults, f)
	}
}

// Heal drops all faults.
func (p *Played) Heal() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.faults = nil
}

// fault takes the fault that a command meets; mu is held.
func (p *Played) fault(name string, body bson.D) *Fault {
	for i := range p.faults {
		f := &p.faults[i]
		if f.Command != name && (f.Command != "" || name == "hello") || f.Stage != "" && f.Stage != firstStage(body) {
			continue
		}
		if f.Skip > 0 {
			f.Skip--
			continue
		}
		met := *f
		if f.Times--; f.Times == 0 {
			p.faults = slices.Delete(p.faults, i, i+1)
		}
		return &met
	}
	return nil
}

func firstStage(body bson.D) string {
	stages := list(body, "pipeline")
	if len(stages) == 0 {
		return ""
	}
	first, ok := stages[0].(bson.D)
	if !ok || len(first) == 0 {
		return ""
	}
	return first[0].Key
}

// Forget drops the history of changes: no token so far can be resumed from, and every open change stream has lost its
// place (ChangeStreamHistoryLost).
func (p *Played) Forget() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.place++
	p.oldest = p.place
	p.events = nil
	p.wake()
}

// KillCursors ends all open cursors, as a server does with those that were idle too long.
func (p *Played) KillCursors() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.cursors = map[int64]*cursor{}
	p.wake()
}

// Drop closes all connections.
func (p *Played) Drop() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for c := range p.conns {
		c.Close()
	}
	p.wake()
}

// StepDown leaves the replica set without a primary for a time: an election.
func (p *Played) StepDown(d time.Duration) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.electing = time.Now().Add(d)
	p.wake()
}

// Received are the commands of a name that arrived, with their arguments.
func (p *Played) Received(name string) []bson.D {
	p.mu.Lock()
	defer p.mu.Unlock()
	return slices.Clone(p.received[name])
}

// Told are the events that change streams were told, as they were sent.
func (p *Played) Told() []bson.D {
	p.mu.Lock()
	defer p.mu.Unlock()
	return slices.Clone(p.told)
}

// OpenStreams is how many change streams are open.
func (p *Played) OpenStreams() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	n := 0
	for _, c := range p.cursors {
		if c.stream {
			n++
		}
	}
	return n
}
