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
		{
			method: "GET", path: "/v1/overview", who: anyStaff,
			summary:  "What the console's first page counts, each number for those who may see its list",
			endpoint: handle(s, 200, s.overview),
		},
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
	Messages  *messagesView  `json:"messages,omitempty"`
}

// movedView is money that came and went.
type movedView struct {
	Taken          money.Fen `json:"taken"`
	TakenCount     int64     `json:"taken_count"`
	GivenBack      money.Fen `json:"given_back"`
	GivenBackCount int64     `json:"given_back_count"`
}

func (v *movedView) add(m ledger.Moved) {
	v.Taken, v.TakenCount = v.Taken+m.Taken, v.TakenCount+m.TakenCount
	v.GivenBack, v.GivenBackCount = v.GivenBack+m.GivenBack, v.GivenBackCount+m.GivenBackCount
}

type dayView struct {
	Day string `json:"day"`
	movedView
	By []byView `json:"by"` // the same by institution, most first
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
	All     int `json:"all"`
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
	v.Terminals, err = s.terminalsOff(ctx, c, now)
	return v, err
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
