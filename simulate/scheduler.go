package simulate

import (
	"iter"
	"math/rand/v2"
	"runtime/debug"
	"time"
)

// scheduler runs the tasks of one world, one at a time, in virtual time. A task is a coroutine that gives way only in
// sleep; whoever wakes first goes on first, and draws of one seeded generator decide how long everything takes. So a
// run is a function of its seed.
type scheduler struct {
	now   time.Duration // since the world began
	seq   uint64
	waits []wake // a heap: the earliest first
	dice  *rand.Rand
	task  *task   // the one that runs
	idle  []*task // coroutines whose job is done
	all   []*task
	over  bool // the world has ended: whoever wakes leaves

	broke func(what string) // a task panicked
}

// wake is when a task goes on.
type wake struct {
	at   time.Duration
	seq  uint64
	task *task
	no   uint64 // of the task's wait; an older one is void
}

// task is a coroutine with a job. While the job is in a call to a process it belongs to it, and dies in it when the
// process crashes.
type task struct {
	next  func() (struct{}, bool)
	stop  func()
	yield func(struct{}) bool
	job   func()
	wait  uint64
	until time.Duration

	process *process
	life    int    // of the process when the call began
	loop    bool   // it is an order loop: it may be woken earlier
	about   string // the order it was last busy with
	dying   bool   // the process dies at its next write
}

// unwound is what a task panics with when the world is over, crashed when its process is.
type (
	unwound struct{}
	crashed struct{}
)

func newScheduler(dice *rand.Rand, broke func(string)) *scheduler {
	return &scheduler{dice: dice, broke: broke}
}

// after starts a job after a pause.
func (s *scheduler) after(d time.Duration, job func()) *task {
	var t *task
	if n := len(s.idle); n > 0 {
		t, s.idle = s.idle[n-1], s.idle[:n-1]
	} else {
		t = s.coroutine()
	}
	t.job, t.loop, t.process, t.about, t.dying = job, false, nil, "", false
	s.push(s.now+d, t)
	return t
}

// coroutine makes a task that does one job after the other.
func (s *scheduler) coroutine() *task {
	t := &task{}
	t.next, t.stop = iter.Pull(func(yield func(struct{}) bool) {
		t.yield = yield
		for s.work(t) {
			s.idle = append(s.idle, t)
			if !yield(struct{}{}) {
				return
			}
		}
	})
	s.all = append(s.all, t)
	return t
}

// work does a task's job and reports whether the task lives on.
func (s *scheduler) work(t *task) (alive bool) {
	defer func() {
		switch r := recover(); r.(type) {
		case nil:
		case unwound:
			alive = false
		default:
			s.broke("panic: " + text(r) + "\n" + string(debug.Stack()))
			alive = true
		}
	}()
	t.job()
	return true
}

// run lets the tasks go on, one after the other, until the world is over or nobody waits.
func (s *scheduler) run() {
	for len(s.waits) > 0 && !s.over {
		w := s.pop()
		if w.no != w.task.wait {
			continue
		}
		s.now, s.task = max(s.now, w.at), w.task
		w.task.next()
	}
	s.over = true
	for _, t := range s.all {
		s.task = t
		t.stop()
	}
}

// sleep lets d of virtual time pass for the running task. It does not return when the world, or the process that the
// task is in, has ended.
func (s *scheduler) sleep(d time.Duration) {
	s.drift(d)
	s.alive(s.task)
}

// drift is sleep for what goes on although the process has crashed.
func (s *scheduler) drift(d time.Duration) {
	t, at := s.task, s.now+d
	if s.over {
		panic(unwound{})
	}
	if !t.loop && (len(s.waits) == 0 || at < s.waits[0].at) { // nobody else is due before: no need to change over
		s.now = at
		return
	}
	s.push(at, t)
	if !t.yield(struct{}{}) {
		panic(unwound{})
	}
}

func (s *scheduler) alive(t *task) {
	if s.over {
		panic(unwound{})
	}
	if t.process != nil && t.life != t.process.life {
		panic(crashed{})
	}
}

// hasten wakes a sleeping task earlier than it meant to.
func (s *scheduler) hasten(t *task, at time.Duration) {
	if t != s.task && at < t.until {
		s.push(max(at, s.now), t)
	}
}

func (s *scheduler) push(at time.Duration, t *task) {
	t.wait++
	t.until = at
	s.seq++
	h := append(s.waits, wake{at, s.seq, t, t.wait})
	for i := len(h) - 1; i > 0; {
		up := (i - 1) / 2
		if !h[i].before(&h[up]) {
			break
		}
		h[i], h[up] = h[up], h[i]
		i = up
	}
	s.waits = h
}

func (s *scheduler) pop() wake {
	h := s.waits
	first, last := h[0], len(h)-1
	h[0] = h[last]
	h[last] = wake{}
	h = h[:last]
	for i := 0; ; {
		least := i
		for c := 2*i + 1; c <= 2*i+2 && c < last; c++ {
			if h[c].before(&h[least]) {
				least = c
			}
		}
		if least == i {
			break
		}
		h[i], h[least] = h[least], h[i]
		i = least
	}
	s.waits = h
	return first
}

func (w *wake) before(x *wake) bool { return w.at < x.at || w.at == x.at && w.seq < x.seq }

// Draws.

// between draws from low to just below high.
func (s *scheduler) between(low, high time.Duration) time.Duration {
	return low + time.Duration(s.dice.Int64N(int64(high-low)))
}

// odds reports true in that many of a thousand cases.
func (s *scheduler) odds(perMille int) bool { return s.dice.IntN(1000) < perMille }

// one draws from some.
func one[T any](s *scheduler, list ...T) T { return list[s.dice.IntN(len(list))] }
