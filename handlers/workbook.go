package handlers

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"net/url"
	"reflect"
	"slices"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/valyala/fasthttp"

	"linlipay/access"
	"linlipay/audit"
	"linlipay/billing"
	"linlipay/fault"
	"linlipay/property"
)

// workbookRoutes are the routes of workbooks.
func (s *Server) workbookRoutes() []route {
	return []route{
		{id: "getWorkbookTemplate", method: "GET", path: "/v1/imports/template", who: staffWith(access.Operations),
			summary: "An empty workbook (.xlsx) to fill in and import", endpoint: s.workbookTemplate()},
		{id: "importWorkbook", method: "POST", path: "/v1/imports", who: staffWith(access.Operations), perMinute: 30,
			bodyMost: workbookLimit,
			summary:  "Take in a workbook of units and bills, or try to: what became of each row (导入)",
			problems: []fault.Code{fault.NotFound, fault.WrongState, fault.AlreadyExists},
			endpoint: s.importWorkbook()},
		{id: "writeImportReport", method: "POST", path: "/v1/imports/report", who: staffWith(access.Operations),
			perMinute: 30, bodyMost: workbookLimit,
			summary:  "The report of an import, as it was answered, as a workbook (.xlsx)",
			endpoint: s.workbookReport()},
	}
}

// Workbooks (导入) come as they are, in bodies that are larger than any other, from operations alone.

// takesWorkbook is the media type of an .xlsx.
var takesWorkbook = []string{"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"}

// Bounds of a request that brings a workbook.
const (
	workbookLimit = 32 << 20 // bytes, as package workbook has it
	workbookRead  = 5 * time.Minute
	workbookTime  = 10 * time.Minute
)

// bounds lets a body be as large as its route allows. It is asked when the header of a request has come: only who may
// bring a large body may fill our memory with one; to everybody else the route's bound is the usual one.
func (s *Server) bounds(large []route) func(*fasthttp.RequestHeader) fasthttp.RequestConfig {
	return func(h *fasthttp.RequestHeader) (cfg fasthttp.RequestConfig) {
		path, _, _ := strings.Cut(string(h.RequestURI()), "?")
		i := slices.IndexFunc(large, func(r route) bool { return r.method == string(h.Method()) && r.path == path })
		if i < 0 || h.ContentLength() <= bodyLimit && h.ContentLength() >= 0 {
			return cfg
		}
		token, ok := strings.CutPrefix(string(h.Peek(fiber.HeaderAuthorization)), "Bearer ")
		if !ok {
			token = string(h.Cookie(accessCookie(access.Kind(h.Peek(sessionHeader)))))
		}
		ctx, cancel := context.WithTimeout(context.Background(), requestTimeout)
		defer cancel()
		if caller, err := s.Access.Verify(ctx, token); err == nil && large[i].admits(caller) {
			cfg.MaxRequestBodySize, cfg.ReadTimeout = large[i].bodyMost, workbookRead
		}
		return cfg
	}
}

type importQuery struct {
	Trial string `query:"dry_run" json:"-"`   // 1: nothing is written
	Take  string `query:"overwrite" json:"-"` // owners, paid, columns, fees; several with commas between
}

func (in importQuery) request(c access.Caller) (billing.ImportRequest, error) {
	how := billing.ImportRequest{
		Scope: property.Scope{Company: c.Company, Communities: c.Communities}, Trial: in.Trial == "1", By: c.Actor(),
		Masked: c.Kind != access.StaffKind,
	}
	if in.Trial != "" && in.Trial != "1" {
		return how, malformed("dry_run 须为 1。", "dry_run is 1 or not there.")
	}
	for _, t := range strings.FieldsFunc(in.Take, func(r rune) bool { return r == ',' }) {
		if !slices.Contains(billing.Takes(), billing.Take(t)) {
			return how, malformed("overwrite 不正确。", "overwrite is one or more of owners, paid, columns, fees.")
		}
		how.Take = append(how.Take, billing.Take(t))
	}
	if how.Masked && len(how.Take) > 0 {
		return how, fault.New(fault.Forbidden, "导入中待确认的内容须由员工确认。",
			"What waits to be confirmed takes a person's word.")
	}
	return how, nil
}

// recordImport writes which workbook is taken in, or tried: the report of a trial tells what is stored of owners too.
func (s *Server) recordImport(ctx context.Context, c access.Caller, how billing.ImportRequest, raw []byte) error {
	sum, verb := sha256.Sum256(raw), audit.WorkbookImported
	if how.Trial {
		verb = audit.WorkbookTried
	}
	return s.Audit.Record(ctx, audit.Event{Verb: verb, Company: c.Company, Communities: c.Communities,
		After: how.Record(hex.EncodeToString(sum[:]))})
}

// importWorkbook takes a workbook in, or tries to. Either is recorded before, as the shell's is.
func (s *Server) importWorkbook() endpoint {
	return endpoint{
		status: 200, in: reflect.TypeFor[importQuery](), out: reflect.TypeFor[billing.ImportReport](),
		takes: takesWorkbook,
		do: func(f *fiber.Ctx, caller access.Caller) error {
			var in importQuery
			if err := decodeQuery(f, &in); err != nil {
				return err
			}
			how, err := in.request(caller)
			if err != nil {
				return err
			}
			raw := f.Request().Body()
			if len(raw) == 0 {
				return fault.New(fault.Invalid, "请选择 .xlsx 文件。", "Choose an .xlsx file.")
			}
			ctx, cancel := context.WithTimeout(f.UserContext(), workbookTime)
			defer cancel()
			if ctx, err = s.asking(ctx, f, caller); err != nil {
				return err
			}
			if err := s.recordImport(ctx, caller, how, raw); err != nil {
				return err
			}
			if caller.WholeCompany() && caller.Person().Has(access.OrganisationMatter().Asks) {
				how.Place = Chart{s.Access}.Placing(caller, "导入台账")
			}
			report, err := s.Billing.Import(ctx, how, bytes.NewReader(raw))
			if err != nil {
				return err
			}
			return encode(f, 200, false, report)
		},
	}
}

// reportRows is how many rows and notes of a report are read: no workbook that import takes has as many rows.
const reportRows = 200_000

// workbookReport answers a report as a workbook in the reader's language. It is sent back as it came: nothing is kept
// of an import but what it wrote.
func (s *Server) workbookReport() endpoint {
	return endpoint{
		status: 200, in: reflect.TypeFor[billing.ImportReport](), kind: takesWorkbook[0], takes: takesJSON,
		do: func(f *fiber.Ctx, _ access.Caller) error {
			if bytes.Count(f.Request().Body(), []byte("{")) > reportRows {
				return fault.New(fault.TooLarge, "报告的行数过多。", "The report has too many rows.")
			}
			var report billing.ImportReport
			if err := decodeBody(f, &report); err != nil {
				return err
			}
			var out bytes.Buffer
			if err := report.Write(&out, english(f)); err != nil {
				return err
			}
			return sendWorkbook(f, out.Bytes(), "report.xlsx", "导入报告.xlsx")
		},
	}
}

// sendWorkbook answers a workbook to be kept under a name: an ASCII one, and the one that people read.
func sendWorkbook(f *fiber.Ctx, raw []byte, ascii, name string) error {
	f.Set("Cache-Control", "no-store")
	f.Set(fiber.HeaderContentType, takesWorkbook[0])
	f.Set(fiber.HeaderContentDisposition, `attachment; filename="`+ascii+`"; filename*=UTF-8''`+url.PathEscape(name))
	return f.Send(raw)
}

// workbookTemplate answers the workbook that people fill in.
func (s *Server) workbookTemplate() endpoint {
	return endpoint{status: 200, kind: takesWorkbook[0], do: func(f *fiber.Ctx, caller access.Caller) error {
		var out bytes.Buffer
		chart, err := Chart{s.Access}.Chart(f.UserContext(), caller.Company)
		if err != nil {
			return err
		}
		if err := billing.WriteTemplate(&out, chart); err != nil {
			return err
		}
		return sendWorkbook(f, out.Bytes(), "bills.xlsx", "账单导入模板.xlsx")
	}}
}
