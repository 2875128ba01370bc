package handlers

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
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
		{method: "GET", path: "/v1/workbooks/template", who: staffWith(access.Operations),
			summary: "An empty workbook (.xlsx) to fill in and import", endpoint: s.workbookTemplate()},
		{
			method: "POST", path: "/v1/workbooks", who: staffWith(access.Operations), perMinute: 30,
			bodyMost: workbookLimit,
			summary:  "Take in a workbook of units and bills, or try to: what became of each row (导入)",
			endpoint: s.importWorkbook(),
		},
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
	Trial string `query:"trial" json:"-"` // 1: nothing is written
	Take  string `query:"take" json:"-"`  // owners, paid; several with commas between
}

func (in importQuery) request(c access.Caller) (billing.ImportRequest, error) {
	how := billing.ImportRequest{
		Scope: property.Scope{Company: c.Company, Communities: c.Communities}, Trial: in.Trial == "1", By: c.Actor(),
	}
	if in.Trial != "" && in.Trial != "1" {
		return how, malformed("trial 须为 1。", "trial is 1 or not there.")
	}
	for _, t := range strings.FieldsFunc(in.Take, func(r rune) bool { return r == ',' }) {
		if !slices.Contains(billing.Takes(), billing.Take(t)) {
			return how, malformed("take 不正确。", "take is owners or paid.")
		}
		how.Take = append(how.Take, billing.Take(t))
	}
	return how, nil
}

// importWorkbook takes a workbook in, or tries to. What is written is recorded before, as the shell's is.
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
			ctx = audit.As(ctx, whoAsks(f, caller))
			if !how.Trial {
				sum := sha256.Sum256(raw)
				e := audit.Event{
					Verb: audit.WorkbookImported, Company: caller.Company, Communities: caller.Communities,
					After: how.Record(hex.EncodeToString(sum[:])),
				}
				if err := s.Audit.Record(ctx, e); err != nil {
					return err
				}
			}
			report, err := s.Billing.Import(ctx, how, bytes.NewReader(raw))
			if err != nil {
				return err
			}
			return encode(f, 200, false, report)
		},
	}
}

// workbookTemplate answers the workbook that people fill in.
func (s *Server) workbookTemplate() endpoint {
	return endpoint{status: 200, kind: takesWorkbook[0], do: func(f *fiber.Ctx, _ access.Caller) error {
		var out bytes.Buffer
		if err := billing.WriteTemplate(&out); err != nil {
			return err
		}
		f.Set("Cache-Control", "no-store")
		f.Set(fiber.HeaderContentType, takesWorkbook[0])
		f.Set(fiber.HeaderContentDisposition, `attachment; filename="bills.xlsx"; `+
			`filename*=UTF-8''%E8%B4%A6%E5%8D%95%E5%AF%BC%E5%85%A5%E6%A8%A1%E6%9D%BF.xlsx`)
		return f.Send(out.Bytes())
	}}
}
