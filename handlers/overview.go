package handlers

import (
	"context"
	"slices"
	"time"

	"linlipay/access"
	"linlipay/calendar"
	"linlipay/money"
	"linlipay/payment"
	"linlipay/payment/gateway"
	"linlipay/payment/ledger"
	"linlipay/terminal"
)

// overviewRoutes are the routes of the first page's numbers.
func (s *Server) overviewRoutes() []route {
	return []route{
		{id: "getOverview", method: "GET", path: "/v1/overview", who: anyStaff,
			summary:  "What the console's first page counts, each number for those who may see its list",
			endpoint: handle(s, 200, s.overview)},
	}
}

// overviewView is what the console's first page counts, for those who may see the list behind each number. Days and the
// month are those of Asia/Shanghai; amounts are fen.
type overviewView struct {
	Day       string         `json:"day"`
	Today     *dayView       `json:"today,omitempty"`      // what moved, as the ledger has it
	Yesterday *dayView       `json:"yesterday,omitempty"`  //
	DayBefore *dayView       `json:"day_before,omitempty"` // the day before yesterday
	Mine      *movedView     `json:"mine,omitempty"`       // cash that the caller took and handed out today
	Month     *monthView     `json:"month,omitempty"`
	Terminals *terminalsView `json:"terminals,omitempty"`
	Messages  *messagesView  `json:"notifications,omitempty"`
	Chains    []chainView    `json:"chains,omitempty"` // for whoever may see the audit log
	// what the company has still to do before it collects, for whoever does it
	Setup []setupItemView `json:"setup,omitempty"`
}

// chainView is how far the audit log or the ledger of the company was verified, and what was found. The server looks
// every minute at what was added, and once a day at all of it.
type chainView struct {
	Chain      ChainName  `json:"chain"`
	State      ChainState `json:"state"`
	Lines      int64      `json:"lines"`       // up to which nothing is wrong
	Last       int64      `json:"last"`        // the block that the chain ends with now
	LastHash   string     `json:"last_hash"`   // SHA-256 of its last line
	VerifiedTo int64      `json:"verified_to"` // the last block up to which nothing is wrong
	VerifiedAt *time.Time `json:"verified_at,omitempty"`
	WholeAt    *time.Time `json:"fully_verified_at,omitempty"` // when all of it was verified last
	// the first thing that is wrong, for whoever looks into it
	Finding string `json:"finding,omitempty"`
}

// ChainName says which chain of blocks is told of.
type ChainName string

// The chains of a company.
const (
	AuditChain  ChainName = "audit"  // 操作日志: who did what
	LedgerChain ChainName = "ledger" // 台账: every fen that moved

	JournalChain ChainName = "receivables" // 应收流水: what is owed otherwise than by money that moved
)

// ChainState says what was found of a chain.
type ChainState string

// The states of a chain.
const (
	chainIntact     ChainState = "intact"     // as it was written, as far as it was verified
	chainBroken     ChainState = "broken"     // a line was changed, taken out, put in or moved
	chainUnverified ChainState = "unverified" // not looked at yet
)

// movedView is money that came and went.
type movedView struct {
	Taken          money.Fen `json:"received"`
	TakenCount     int64     `json:"received_count"`
	GivenBack      money.Fen `json:"refunded"`
	GivenBackCount int64     `json:"refunded_count"`
}

func (v *movedView) add(m ledger.Moved) {
	v.Taken, v.TakenCount = v.Taken+m.Taken, v.TakenCount+m.TakenCount
	v.GivenBack, v.GivenBackCount = v.GivenBack+m.Refunded, v.GivenBackCount+m.RefundedCount
}

type dayView struct {
	Day string `json:"day"`
	movedView
	By []byView `json:"by_institution"` // the same by institution, most first
}

type byView struct {
	Institution gateway.Institution `json:"institution"`
	movedView
}

// monthView is how much of the bills for this month is paid; a bill counts once it is paid in full.
type monthView struct {
	Period    string    `json:"period"` // yyyy-MM
	Billed    money.Fen `json:"billed"`
	Paid      money.Fen `json:"paid"`
	Bills     int64     `json:"bills"`
	PaidBills int64     `json:"paid_bills"`
}

type terminalsView struct {
	All     int `json:"total"`
	Offline int `json:"offline"` // not heard of within terminal.Silence
}

type messagesView struct {
	Failed   int64 `json:"failed"`   // could not be booked
	Received int64 `json:"received"` // not worked yet
}

func (s *Server) overview(ctx context.Context, c *call, _ none) (v overviewView, err error) {
	now := s.Now()
	v.Day = calendar.Day(now)
	sees := func(roles ...access.Role) bool {
		return c.Audits() || slices.ContainsFunc(roles, func(r access.Role) bool { return slices.Contains(c.Roles, r) })
	}
	if sees(access.Cashier, access.Finance) {
		if err = s.moved(ctx, c, now, &v); err != nil {
			return v, err
		}
	}
	if sees(access.Finance) {
		if v.Month, err = s.month(ctx, c, now); err != nil {
			return v, err
		}
	}
	if sees(access.Finance, access.Operations) {
		if v.Messages, err = s.messagesLeft(ctx, c); err != nil {
			return v, err
		}
	}
	if sees(access.Finance) && c.WholeCompany() {
		if v.Chains, err = s.chains(ctx, c); err != nil {
			return v, err
		}
	}
	if sees(access.Finance, access.Operations) && c.WholeCompany() && !c.Audits() {
		if v.Setup, err = s.setup(ctx, c); err != nil {
			return v, err
		}
	}
	v.Terminals, err = s.terminalsOff(ctx, c, now)
	return v, err
}

func (s *Server) chains(ctx context.Context, c *call) ([]chainView, error) {
	states, err := s.Audit.Chains(ctx, c.Company)
	views := []chainView{}
	for _, st := range states {
		v := chainView{Chain: ChainName(st.Chain), State: chainIntact, Lines: st.Lines, Last: st.Now.No,
			LastHash: st.Now.Hash, VerifiedTo: st.Head.No, Finding: st.Finding}
		switch {
		case st.Finding != "":
			v.State = chainBroken
		case st.At.IsZero():
			v.State = chainUnverified
		}
		if !st.At.IsZero() {
			v.VerifiedAt, v.WholeAt = &st.At, &st.WholeAt
		}
		views = append(views, v)
	}
	return views, err
}

// moved fills in what moved today, yesterday and the day before. Money of no order is of no community: whoever sees the
// whole company sees it.
func (s *Server) moved(ctx context.Context, c *call, now time.Time, v *overviewView) error {
	day := func(back int) string { return calendar.Day(calendar.AddDays(now, -back)) }
	lines, err := s.Payments.Ledger().Takings(ctx, c.Company, calendar.AddDays(now, -2))
	if err != nil {
		return err
	}
	lines = slices.DeleteFunc(lines, func(m ledger.Moved) bool { return !c.Reaches(c.Company, m.Community) })
	v.Today, v.Yesterday, v.DayBefore = dayOf(day(0), lines), dayOf(day(1), lines), dayOf(day(2), lines)
	if slices.Contains(c.Roles, access.Cashier) {
		v.Mine = cashOf(v.Day, c.Actor(), lines)
	}
	return nil
}

// cashOf is the cash that somebody took and handed out on a day. A ledger's line names who settled other money too.
func cashOf(day, who string, lines []ledger.Moved) *movedView {
	v := &movedView{}
	for _, m := range lines {
		if m.Day == day && m.Cashier == who && m.Institution == string(gateway.Cash) {
			v.add(m)
		}
	}
	return v
}

func dayOf(day string, lines []ledger.Moved) *dayView {
	v := &dayView{Day: day, By: []byView{}}
	for _, m := range lines {
		if m.Day != day {
			continue
		}
		v.add(m)
		i := slices.IndexFunc(v.By, func(b byView) bool { return string(b.Institution) == m.Institution })
		if i < 0 {
			i, v.By = len(v.By), append(v.By, byView{Institution: gateway.Institution(m.Institution)})
		}
		v.By[i].add(m)
	}
	slices.SortStableFunc(v.By, func(a, b byView) int { return int(min(max(b.Taken-a.Taken, -1), 1)) })
	return v
}

func (s *Server) month(ctx context.Context, c *call, now time.Time) (*monthView, error) {
	where, err := s.searched(ctx, c, "")
	if err != nil {
		return nil, err
	}
	m, err := s.Billing.Collected(ctx, where, calendar.Month(now))
	return &monthView{m.Period, m.Billed, m.Paid, m.Bills, m.PaidBills}, err
}

func (s *Server) messagesLeft(ctx context.Context, c *call) (*messagesView, error) {
	failed, err := s.Payments.CountNotifications(ctx, c.Company, c.Communities, payment.OutcomeFailed)
	if err != nil {
		return nil, err
	}
	received, err := s.Payments.CountNotifications(ctx, c.Company, c.Communities, payment.OutcomeReceived)
	return &messagesView{failed, received}, err
}

func (s *Server) terminalsOff(ctx context.Context, c *call, now time.Time) (*terminalsView, error) {
	v := &terminalsView{}
	for cursor := ""; ; {
		terminals, next, err := s.Terminals.List(ctx, c.Company, c.Communities, cursor, pageMost)
		if err != nil {
			return nil, err
		}
		for i := range terminals {
			v.All++
			if now.Sub(s.Terminals.LastSeen(&terminals[i])) >= terminal.Silence {
				v.Offline++
			}
		}
		if next == "" {
			return v, nil
		}
		cursor = next
	}
}
