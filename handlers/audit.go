package handlers

import (
	"bytes"
	"context"
	"encoding/csv"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"

	"linlipay/access"
	"linlipay/audit"
	"linlipay/calendar"
	"linlipay/fault"
)

// auditRoutes are the routes of the audit log.
func (s *Server) auditRoutes() []route {
	return []route{
		{method: "GET", path: "/v1/audit", who: staffWith(access.Finance, access.Auditor),
			summary: "The audit log (操作日志), newest first", endpoint: handle(s, 200, s.findEvents)},
		{method: "GET", path: "/v1/audit/verbs", who: staffWith(access.Finance, access.Auditor),
			summary: "What the audit log tells of, in words", endpoint: handle(s, 200, s.listVerbs)},
		{method: "GET", path: "/v1/audit/heads", who: staffWith(access.Finance, access.Auditor),
			summary:  "The signed ends of the company's audit log and ledger, to be kept elsewhere",
			endpoint: handle(s, 200, s.signHeads)},
		{method: "GET", path: "/v1/audit/export", who: staffWith(access.Finance, access.Auditor),
			summary: "What is found in the audit log, as CSV", perMinute: 60, endpoint: s.exportEvents()},
	}
}

// The audit log (操作日志), for finance and auditors of the whole company. Looking at it is no event; taking it out is.

type eventView struct {
	ID          string      `json:"id"`
	At          time.Time   `json:"at"`
	Actor       string      `json:"actor"`
	From        string      `json:"from,omitempty"`
	Request     string      `json:"request,omitempty"`
	Verb        audit.Verb  `json:"verb"`
	Words       string      `json:"words"` // the verb in the caller's language
	Object      string      `json:"object,omitempty"`
	Of          string      `json:"of,omitempty"`
	Communities []string    `json:"communities,omitempty"`
	Before      audit.State `json:"before,omitempty"`
	After       audit.State `json:"after,omitempty"`
	// how many there were within a minute, where more than one stand in a line
	Count int    `json:"count,omitempty"`
	Hash  string `json:"hash"`
}

func (c *call) told(e audit.Event) eventView {
	return eventView{
		e.ID, e.At, e.Actor, e.From, e.Request, e.Verb, c.verb(e.Verb), e.Object, e.Of, e.Communities, e.Before,
		e.After, e.Count, e.Hash,
	}
}

// verb is a verb in the caller's language.
func (c *call) verb(v audit.Verb) string {
	words, known := audit.Words()[v]
	if !known {
		return string(v)
	}
	return c.says(words[0], words[1])
}

type eventsQuery struct {
	From   string `query:"from" json:"-"` // RFC 3339, inclusive
	To     string `query:"to" json:"-"`   // exclusive
	Actor  string `query:"actor" json:"-"`
	Verb   string `query:"verb" json:"-"`   // several with commas between
	Object string `query:"object" json:"-"` // kind:id of the object, or of what it is a part of
	Cursor string `query:"cursor" json:"-"`
	Limit  int    `query:"limit" json:"-"`
}

// filter is what is asked for, of the caller's company.
func (in eventsQuery) filter(c *call) (audit.Filter, error) {
	f := audit.Filter{Company: c.Company, Actor: in.Actor, Object: in.Object, Cursor: in.Cursor,
		Limit: min(in.Limit, pageMost)}
	if !c.WholeCompany() {
		return f, fault.New(fault.Forbidden, "操作日志须由负责全公司的员工查看。", "The audit log is for staff of the whole company.")
	}
	for _, t := range []struct {
		text string
		at   *time.Time
	}{{in.From, &f.From}, {in.To, &f.To}} {
		var err error
		if t.text == "" {
			continue
		}
		if *t.at, err = time.Parse(time.RFC3339, t.text); err != nil {
			return f, malformed("时间格式不正确。", "A time is not RFC 3339.")
		}
	}
	for _, v := range strings.FieldsFunc(in.Verb, func(r rune) bool { return r == ',' }) {
		if _, known := audit.Words()[audit.Verb(v)]; !known {
			return f, malformed("verb 不正确。", "There is no such verb.")
		}
		f.Verbs = append(f.Verbs, audit.Verb(v))
	}
	return f, nil
}

func (s *Server) findEvents(ctx context.Context, c *call, in eventsQuery) (list[eventView], error) {
	f, err := in.filter(c)
	if err != nil {
		return list[eventView]{}, err
	}
	events, next, err := s.Audit.Find(ctx, f)
	views := make([]eventView, 0, len(events))
	for _, e := range events {
		views = append(views, c.told(e))
	}
	return list[eventView]{views, next}, err
}

type verbView struct {
	Verb  audit.Verb `json:"verb"`
	Words string     `json:"words"`
}

func (s *Server) listVerbs(_ context.Context, c *call, _ none) (list[verbView], error) {
	views := []verbView{}
	for _, v := range audit.Verbs() {
		views = append(views, verbView{v, c.verb(v)})
	}
	return list[verbView]{Items: views}, nil
}

func (s *Server) signHeads(ctx context.Context, c *call, _ none) (audit.Heads, error) {
	if _, err := (eventsQuery{}).filter(c); err != nil {
		return audit.Heads{}, err
	}
	return s.Audit.Heads(ctx, c.Company, false)
}

// exportMost is the most events that one export holds: more are refused, never cut.
const exportMost = 20_000

// exportEvents answers what is found as CSV for a spreadsheet. That it was taken out is an event, written before the
// answer.
func (s *Server) exportEvents() endpoint {
	return endpoint{status: 200, kind: "text/csv", in: reflect.TypeFor[eventsQuery](),
		do: func(f *fiber.Ctx, caller access.Caller) error {
			var in eventsQuery
			if err := decode(f, &in); err != nil {
				return err
			}
			ctx, cancel := s.context(f)
			defer cancel()
			ctx = audit.As(ctx, whoAsks(f, caller))
			c := &call{Caller: caller, English: english(f)}
			text, n, err := s.eventsCSV(ctx, c, in)
			if err != nil {
				return err
			}
			after := audit.State{"lines": strconv.Itoa(n)}
			for name, value := range map[string]string{"from": in.From, "to": in.To, "verb": in.Verb} {
				if value != "" {
					after[name] = value
				}
			}
			for name, value := range map[string]string{"actor": in.Actor, "object": in.Object} {
				// what was typed may be anything
				if value != "" {
					after[name] = s.Audit.Digest("search", value)
				}
			}
			if err := s.Audit.Record(ctx, audit.Event{Verb: audit.AuditExported, Company: c.Company,
				After: after}); err != nil {
				return err
			}
			f.Set("Cache-Control", "no-store")
			f.Set(fiber.HeaderContentType, "text/csv; charset=utf-8")
			f.Set(fiber.HeaderContentDisposition, `attachment; filename="audit.csv"`)
			return f.Send(text)
		}}
}

// eventsCSV is what is found, the newest first, and how many lines that is.
func (s *Server) eventsCSV(ctx context.Context, c *call, in eventsQuery) (text []byte, n int, err error) {
	q, err := in.filter(c)
	if err != nil {
		return nil, 0, err
	}
	names, err := s.staffNames(ctx, c.Company)
	if err != nil {
		return nil, 0, err
	}
	var out bytes.Buffer
	out.WriteString("\uFEFF") // by which spreadsheets know UTF-8
	w := csv.NewWriter(&out)
	heads := c.says("时间,操作人,操作人编号,操作,对象,所属,变更前,变更后,次数,来源地址,请求编号,哈希",
		"Time,Who,Id,What,Object,Part of,Before,After,Times,From,Request,Hash")
	rows := [][]string{strings.Split(heads, ",")}
	q.Limit = pageMost
	for {
		events, next, err := s.Audit.Find(ctx, q)
		if err != nil {
			return nil, 0, err
		}
		for _, e := range events {
			rows = append(rows, []string{
				calendar.DateTime(e.At), names[e.Actor], e.Actor, c.verb(e.Verb), e.Object,
				e.Of,
				inOneCell(e.Before), inOneCell(e.After), strconv.Itoa(max(1, e.Count)), e.From, e.Request, e.Hash,
			})
		}
		if n = len(rows) - 1; n > exportMost {
			return nil, 0, fault.New(fault.Invalid, fmt.Sprintf("超过 %d 条，请缩小时间范围后再导出。", exportMost),
				fmt.Sprintf("There are more than %d lines; choose a shorter time.", exportMost))
		}
		if q.Cursor = next; next == "" {
			break
		}
	}
	for _, row := range rows {
		for i := range row {
			row[i] = harmless(row[i])
		}
	}
	err = w.WriteAll(rows)
	return out.Bytes(), n, err
}

// harmless keeps a spreadsheet from taking a text for a formula.
func harmless(cell string) string {
	if cell != "" && strings.ContainsRune("=+-@\t\r", rune(cell[0])) {
		return "'" + cell
	}
	return cell
}

// inOneCell is a state in one cell.
func inOneCell(s audit.State) string {
	var parts []string
	for _, name := range slices.Sorted(maps.Keys(s)) {
		parts = append(parts, name+"="+s[name])
	}
	return strings.Join(parts, "; ")
}

// staffNames are the names of a company's staff, by actor.
func (s *Server) staffNames(ctx context.Context, company string) (map[string]string, error) {
	all, err := s.Access.Everybody(ctx, company)
	names := make(map[string]string, len(all))
	for i := range all {
		names[all[i].Caller().Actor()] = all[i].Name
	}
	return names, err
}
