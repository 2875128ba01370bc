package audit

import (
	"context"
	"errors"
	"slices"
	"time"

	"linlipay/chain"
	"linlipay/fault"
	"linlipay/store"
)

// Check is how far a company's chain was verified while the server runs, and what was found. It stands in the same
// store as the chain: whoever can write one can write the other, so that it takes the place of no head kept elsewhere.
type Check struct {
	ID      string     `json:"id"` // chain and company
	Version int64      `json:"-"`
	Chain   string     `json:"chain"`   // audit or ledger
	Company string     `json:"company"` // "-" is the audit log's chain of things of no company
	Head    chain.Head `json:"head"`    // the last place up to which nothing was wrong
	Lines   int64      `json:"lines"`   // up to there
	At      time.Time  `json:"at"`      // of the last look
	WholeAt time.Time  `json:"whole_at"`
	Finding string     `json:"finding,omitempty"` // the first thing that is wrong, "" is nothing
}

var checks = store.Kind[Check]{
	Schema: store.Schema{
		Name:    "audit_checks",
		Fields:  []store.Field{{Name: "chain", Type: store.String}, {Name: "company", Type: store.String}},
		Indexes: []store.Index{{Name: "by_chain", Fields: []string{"chain", "company"}}},
	},
	ID:      func(c *Check) string { return c.ID },
	Version: func(c *Check) *int64 { return &c.Version },
	Keys:    func(c *Check) store.Keys { return store.Keys{"chain": {c.Chain}, "company": {c.Company}} },
}

// How often chains are verified: what was added, and all of it from its beginning. A chain with a finding is walked
// whole each time that it is due, since only a whole walk tells that it is sound again.
const (
	checkPause = time.Minute
	wholePause = 24 * time.Hour
	foundPause = time.Hour
)

// CheckAll verifies what each company's chains have grown by since the last check, and once a day all of them. Any
// number of processes may run it. A finding is no error: it stands in the Check.
func (s *Service) CheckAll(ctx context.Context) error {
	var failed error
	for _, q := range s.chains() {
		companies, err := s.companiesOf(ctx, q)
		failed = errors.Join(failed, err)
		for _, c := range companies {
			failed = errors.Join(failed, s.check(ctx, q, c))
		}
	}
	return failed
}

// chains are the audit log's and those that it follows.
func (s *Service) chains() []Sequence { return append([]Sequence{s.events}, s.sequences...) }

// companiesOf are those that have a chain, and those that had one when it was last verified.
func (s *Service) companiesOf(ctx context.Context, q Sequence) ([]string, error) {
	companies, err := q.Companies(ctx)
	if err != nil {
		return nil, err
	}
	had := store.Query{Index: "by_chain", Equal: []any{q.Name()}}
	err = s.checks.All(ctx, had, func(c Check) error {
		if !slices.Contains(companies, c.Company) {
			companies = append(companies, c.Company)
		}
		return nil
	})
	return companies, err
}

func checkID(sequence, company string) string { return sequence + "/" + company }

func (s *Service) check(ctx context.Context, q Sequence, company string) error {
	last, err := s.lastCheck(ctx, q.Name(), company)
	if err != nil {
		return err
	}
	next, err := s.verified(ctx, q, last)
	if err != nil {
		return err
	}
	if next.Finding != "" && last.Finding == "" {
		s.log.Error("a chain is not as it was written", "chain", q.Name(), "company", company, "finding", next.Finding)
	}
	if last.Version == 0 {
		err = s.checks.Insert(ctx, &next)
	} else {
		err = s.checks.Replace(ctx, &next)
	}
	if fault.Is(err, fault.AlreadyExists) || fault.Is(err, fault.Stale) {
		return nil // another process verified it meanwhile
	}
	return err
}

func (s *Service) lastCheck(ctx context.Context, sequence, company string) (Check, error) {
	c, err := s.checks.Get(ctx, checkID(sequence, company))
	if fault.Is(err, fault.NotFound) {
		return Check{ID: checkID(sequence, company), Chain: sequence, Company: company}, nil
	}
	if err != nil {
		return Check{}, err
	}
	return *c, nil
}

// verified is the check that follows another: of what was added, or of the whole chain where that is due. The head
// that the last check ended at holds the whole chain, too, for one that was cut or written anew is sound in itself.
func (s *Service) verified(ctx context.Context, q Sequence, last Check) (Check, error) {
	next, now := last, s.now()
	next.At = now
	rest := wholePause
	if last.Finding != "" {
		rest = foundPause
	}
	whole, err := now.Sub(last.WholeAt) >= rest, error(nil)
	if !whole && last.Finding != "" {
		return next, nil
	}
	if whole {
		next.Head, next.Lines, err = q.VerifyAfter(ctx, last.Company, chain.Head{})
		next.WholeAt, next.Finding = now, ""
	} else {
		var added int64
		next.Head, added, err = q.VerifyAfter(ctx, last.Company, last.Head)
		next.Lines += added
	}
	if err == nil && whole {
		err = q.Against(ctx, last.Company, last.Head)
	}
	if next.Finding = chain.Found(err); next.Finding != "" {
		err = nil
	}
	return next, err
}

// ChainState is a company's chain as it is now, with its last check.
type ChainState struct {
	Check
	Now chain.Head // where the chain ends
}

// Chains are the states of a company's chains, those that have no line yet left out.
func (s *Service) Chains(ctx context.Context, company string) ([]ChainState, error) {
	var states []ChainState
	for _, q := range s.chains() {
		head, err := q.Head(ctx, chainOf(company))
		if err != nil {
			return nil, err
		}
		last, err := s.lastCheck(ctx, q.Name(), chainOf(company))
		if err != nil {
			return nil, err
		}
		if head.No > 0 || last.Head.No > 0 { // of one that was emptied the check still tells
			states = append(states, ChainState{last, head})
		}
	}
	return states, nil
}
