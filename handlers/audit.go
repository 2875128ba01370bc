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
	"linlipay/store"
)

// auditRoutes are the routes of the audit log.
func (s *Server) auditRoutes() []route {
	return []route{
		{id: "listAuditEvents", method: "GET", path: "/v1/audit-events", who: staffWith(access.Finance, access.Auditor),
			summary: "The audit log (操作日志), newest first", endpoint: listed(s, store.SortsBy("-at"), s.findEvents)},
		{id: "listAuditVerbs", method: "GET", path: "/v1/audit-events/verbs", who: staffWith(access.Finance,
			access.Auditor),
			summary: "What the audit log tells of, in words", endpoint: handle(s, 200, s.listVerbs)},
		{id: "getAuditHeads", method: "GET", path: "/v1/audit-events/heads", who: staffWith(access.Finance,
			access.Auditor),
			summary:  "The signed ends of the company's audit log and ledger, to be kept elsewhere",
			endpoint: handle(s, 200, s.signHeads)},
		{id: "exportAuditEvents", method: "GET", path: "/v1/audit-events/export",
			who: staffWith(access.Finance, access.Auditor), summary: "What is found in the audit log, as CSV",
			perMinute: 60, endpoint: s.exportEvents()},
	}
}

// The audit log (操作日志), for finance and auditors of the whole company. Looking at it is no event; taking it out is.

type eventView struct {
	ID    string    `json:"id"`
	At    time.Time `json:"at"`
	Actor string    `json:"actor"`
	// digest of the address; of events before digests the address
	From        string      `json:"address_digest,omitempty"`
	Request     string      `json:"request_id,omitempty"`
	Verb        audit.Verb  `json:"verb"`
	Words       string      `json:"description"` // the verb in the caller's language
	Object      string      `json:"object,omitempty"`
	Of          string      `json:"part_of,omitempty"`
	Communities []string    `json:"communities,omitempty"`
	Before      audit.State `json:"before,omitempty"`
	After       audit.State `json:"after,omitempty"`
	// what the people, programs, terminals, accounts and places among these are called now, by kind and id
	Names map[string]string `json:"names,omitempty"`
	// how many there were within a minute, where more than one stand in a line
	Count int    `json:"count,omitempty"`
	Hash  string `json:"hash"`
}

func (c *call) told(e audit.Event, names map[string]string) eventView {
	return eventView{
		e.ID, e.At, e.Actor, e.From, e.Request, e.Verb, c.verb(e.Verb), e.Object, e.Of, e.Communities, e.Before,
		e.After, names, e.Count, e.Hash,
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

// eventsFilter is what is looked for in the audit log.
type eventsFilter struct {
	From   time.Time    `query:"from" json:"-"`      // inclusive
	To     time.Time    `query:"to" json:"-"`        // exclusive
	Actor  string       `query:"actor" json:"-"`     // as in timelines
	Verb   []audit.Verb `query:"verb" json:"-"`      // what was done; none is anything
	Object string       `query:"object" json:"-"`    // kind:id of the object, or of what it is a part of
	Typed  string       `query:"digest_of" json:"-"` // an address, a login, a phone or a search, found by digest
}

type eventsQuery struct {
	eventsFilter
	pageQuery
}

// sought is what is asked for, with the digests of what was typed.
func (s *Server) sought(ctx context.Context, c *call, in eventsFilter) (audit.Filter, error) {
	f, err := in.filter(c)
	if typed := strings.TrimSpace(in.Typed); err == nil && typed != "" {
		f.Typed, err = s.Audit.Typed(ctx, typed)
	}
	return f, err
}

// filter is what is asked for, of the caller's company.
func (in eventsFilter) filter(c *call) (audit.Filter, error) {
	f := audit.Filter{Company: c.Company, Actor: in.Actor, Object: in.Object, Verbs: in.Verb, From: in.From, To: in.To}
	if !c.WholeCompany() {
		return f, fault.New(fault.Forbidden, "操作日志须由负责全公司的员工查看。", "The audit log is for staff of the whole company.")
	}
	return f, nil
}

func (s *Server) findEvents(ctx context.Context, c *call, in eventsQuery) (list[eventView], error) {
	f, err := s.sought(ctx, c, in.eventsFilter)
	if err != nil {
		return list[eventView]{}, err
	}
	f.Oldest, f.Cursor, f.Limit = !in.Sort.Desc(), in.Cursor, in.Limit
	events, next, err := s.Audit.Find(ctx, f)
	if err != nil {
		return list[eventView]{}, err
	}
	called := s.namer(c.Company)
	return shown(list[audit.Event]{events, next}, func(e *audit.Event) (eventView, error) {
		names, err := called.of(ctx, e)
		return c.told(*e, names), err
	})
}

type verbView struct {
	Verb  audit.Verb `json:"verb"`
	Words string     `json:"description"`
}

func (s *Server) listVerbs(_ context.Context, c *call, _ none) (list[verbView], error) {
	views := []verbView{}
	for _, v := range audit.Verbs() {
		views = append(views, verbView{v, c.verb(v)})
	}
	return list[verbView]{Items: views}, nil
}

func (s *Server) signHeads(ctx context.Context, c *call, _ none) (audit.Heads, error) {
	if _, err := (eventsFilter{}).filter(c); err != nil {
		return audit.Heads{}, err
	}
	return s.Audit.Heads(ctx, c.Company, false)
}

// exportMost is the most events that one export holds: more are refused, never cut.
const exportMost = 20_000

// exportEvents answers what is found as CSV for a spreadsheet. That it was taken out is an event, written before the
// answer.
func (s *Server) exportEvents() endpoint {
	return endpoint{status: 200, kind: "text/csv", in: reflect.TypeFor[eventsFilter](),
		do: func(f *fiber.Ctx, caller access.Caller) error {
			var in eventsFilter
			if err := decode(f, &in); err != nil {
				return err
			}
			ctx, cancel := s.context(f)
			defer cancel()
			ctx, err := s.asking(ctx, f, caller)
			if err != nil {
				return err
			}
			c := &call{Caller: caller, English: english(f)}
			text, n, err := s.eventsCSV(ctx, c, in)
			if err != nil {
				return err
			}
			after := audit.State{"lines": strconv.Itoa(n)}
			if len(in.Verb) > 0 {
				after["verb"] = strings.Join(inTexts(in.Verb), ",")
			}
			for name, at := range map[string]time.Time{"from": in.From, "to": in.To} {
				if !at.IsZero() {
					after[name] = at.UTC().Format(time.RFC3339Nano)
				}
			}
			for name, value := range map[string]string{"actor": in.Actor, "object": in.Object, "digest_of": in.Typed} {
				// what was typed may be anything
				if value == "" {
					continue
				}
				if after[name], err = s.Audit.Digest(ctx, audit.OfSearch, value); err != nil {
					return err
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
func (s *Server) eventsCSV(ctx context.Context, c *call, in eventsFilter) (text []byte, n int, err error) {
	q, err := s.sought(ctx, c, in)
	if err != nil {
		return nil, 0, err
	}
	called := s.namer(c.Company)
	var out bytes.Buffer
	out.WriteString("\uFEFF") // by which spreadsheets know UTF-8
	w := csv.NewWriter(&out)
	heads := c.says("时间,操作人,操作人编号,操作,对象名称,对象,所属,变更前,变更后,次数,来源（摘要）,请求编号,哈希",
		"Time,Who,Id,What,Name,Object,Part of,Before,After,Times,From (digest),Request,Hash")
	rows := [][]string{strings.Split(heads, ",")}
	q.Limit = pageMost
	for {
		events, next, err := s.Audit.Find(ctx, q)
		if err != nil {
			return nil, 0, err
		}
		for i := range events {
			e := &events[i]
			names, err := called.of(ctx, e)
			if err != nil {
				return nil, 0, err
			}
			rows = append(rows, []string{
				calendar.DateTime(e.At), names[e.Actor], e.Actor, c.verb(e.Verb), names[e.Object], e.Object, e.Of,
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
