package payment

import "time"

// Submission is the requests of one kind that were sent to an institution for one thing: to give one refund back, or to
// reverse one charge. Only one is under way at a time as far as the processes' clocks agree, and what an institution
// refuses counts only when no other may still reach it.
type Submission struct {
	No       int       `json:"no,omitempty"`       // of the last one: 1, 2, …
	At       time.Time `json:"at,omitzero"`        // when it was sent
	Before   time.Time `json:"before,omitzero"`    // when the one before it was sent
	Answered bool      `json:"answered,omitempty"` // the institution answered the last one
}

// clockSlack is how far the clocks of two processes may be apart before it could cost money.
const clockSlack = 10 * time.Minute

// claim claims the one request that may be under way for at most that long, and returns its number; 0 is that another
// is.
func (s *Submission) claim(most time.Duration, now time.Time) int {
	if s.underWay(most, now) {
		return 0
	}
	*s = Submission{No: s.No + 1, At: now, Before: s.At}
	return s.No
}

// underWay reports whether the last request may still reach the institution.
func (s *Submission) underWay(most time.Duration, now time.Time) bool {
	return s.No > 0 && !s.Answered && now.Sub(s.At) < most
}

// answered records that the institution answered a request; another may have been sent since.
func (s *Submission) answered(no int) {
	if no > 0 && s.No == no {
		s.Answered = true
	}
}

// settled reports whether surely none of the requests can still reach the institution, whatever the clocks say.
func (s *Submission) settled(most time.Duration, now time.Time) bool {
	old := func(at time.Time) bool { return now.Sub(at) > most+clockSlack }
	return s.No == 0 || (s.Answered || old(s.At)) && (s.No == 1 || old(s.Before))
}
