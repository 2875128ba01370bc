package handlers

import (
	"bytes"
	_ "embed"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/gofiber/fiber/v2"

	"linlipay/access"
	"linlipay/fault"
)

// problemKind is a kind of problem: its stable code, its HTTP status, and what it is called and means in Chinese and
// English.
type problemKind struct {
	Code             fault.Code
	Status           int
	TitleZH, TitleEN string
	ZH, EN           string // what it means, and what a client does
}

// problemKinds is the one map from fault codes to HTTP. The page /docs/problems shows it.
var problemKinds = []problemKind{
	{fault.Invalid, 400, "请求有误", "Invalid request", "请求违反了某项规则，改正后可以再发；field 为出错的字段。",
		"The request breaks a rule. Mend it before you send it again; field names what is wrong."},
	{fault.Unauthenticated, 401, "未登录", "Not authenticated", "没有令牌，或令牌无效、已过期。",
		"There is no token, or it does not verify."},
	{fault.Forbidden, 403, "无权限", "Forbidden", "令牌有效，但不允许此操作。", "The token is good, but not for this."},
	{fault.NotFound, 404, "不存在", "Not found", "不存在，或不在您的管理范围内。",
		"There is no such thing, or it is beyond the caller's reach."},
	{fault.NotAllowed, 405, "方法不支持", "Method not allowed", "此地址不接受这种方法；Allow 列出接受的。",
		"The address has other methods: Allow lists them."},
	{fault.TimedOut, 408, "接收超时", "Request timed out", "请求未在 30 秒内收完，可以重发。",
		"The request did not arrive whole within 30 seconds: send it again."},
	{fault.AlreadyExists, 409, "已存在", "Already exists", "编号或唯一键已被占用。", "The id or a unique key is taken."},
	{fault.Stale, 409, "已被修改", "Stale", "所依据的版本不是最新的：请重新读取后再提交。",
		"The version named is not the stored one: read again, then decide."},
	{fault.WrongState, 409, "状态不符", "Wrong state", "对象存在，但当前状态不能这样操作。",
		"The thing exists but cannot do this now."},
	{fault.OrderOpen, 409, "有未完成的订单", "Order open", "账单或终端已有未完成的订单；order 为其编号。",
		"A bill or a terminal already has an open order, which order names."},
	{fault.AlreadyPaid, 409, "已支付", "Already paid", "要支付的已经付清；order 为支付它的订单（如已知）。",
		"What is to be paid has been paid, by the order that order names when it is known."},
	{fault.Expired, 410, "已过期", "Expired", "验证码、配对码或订单已过期。", "A code, a pairing or an order's deadline has passed."},
	{fault.TooLarge, 413, "内容过大", "Too large", "请求内容或某个字段超过上限。", "The body or a field is larger than allowed."},
	{fault.MediaType, 415, "格式不支持", "Unsupported media type", "此接口不接受这种格式或压缩的请求内容。",
		"The route takes no body of this media type, or none that is packed."},
	{fault.KeyMissing, 400, "缺少幂等键", "Idempotency-Key missing",
		"此接口生成订单或涉及资金：请带上 Idempotency-Key，重试时使用同一个键。",
		"The route makes an order or moves money: send an Idempotency-Key, and the same one with each retry."},
	{fault.KeyReused, 422, "幂等键已被使用", "Idempotency-Key reused",
		"同一 Idempotency-Key 用于了不同的请求（方法、路径或内容的字节不同）：重试请原样重发，新的请求请换用新的键。",
		"The Idempotency-Key came back with another request: another method or path, or other bytes of the body. " +
			"Send a retry as it was sent; for a new request take a fresh key."},
	{fault.Unsupported, 422, "不支持", "Unsupported", "该机构或支付方式不提供此功能。", "The institution or method does not offer this."},
	{fault.Upstream, 422, "机构拒绝", "Refused by the institution", "支付机构拒绝并说明了原因。",
		"The institution said no, and said why."},
	{fault.TooMany, 429, "过于频繁", "Too many requests", "请按 Retry-After 的秒数稍后再试。",
		"Slow down: Retry-After says how many seconds."},
	{fault.Internal, 500, "系统错误", "Internal error", "我们的缺陷；日志中有同一 request_id 的原因。",
		"A defect of ours: the log has its cause under the request_id."},
	{fault.UpstreamUnknown, 503, "机构结果未知", "Outcome unknown", "支付机构没有可信的应答：结果尚未确定，请用同一幂等键重试或查单。",
		"The institution did not answer believably: the outcome is open. Retry with the same key, or check."},
	{fault.Unavailable, 503, "暂不可用", "Unavailable", "暂时无法处理，请稍后重试。", "We cannot answer now: try again."},
}

// kindOf is the kind of a code; one that the table lacks is a defect.
func kindOf(code fault.Code) problemKind {
	i := slices.IndexFunc(problemKinds, func(k problemKind) bool { return k.Code == code })
	if i < 0 {
		return kindOf(fault.Internal)
	}
	return problemKinds[i]
}

// statusOf is the HTTP status of a fault code.
func statusOf(code fault.Code) int { return kindOf(code).Status }

// address is where a kind is explained, as a problem's type names it.
func (k problemKind) address() string { return "/docs/problems#" + string(k.Code) }

// title is what a kind is called.
func (k problemKind) title(english bool) string {
	if english {
		return k.TitleEN
	}
	return k.TitleZH
}

// anywhere are the problems that any route may have; Invalid is what is no HTTP.
var anywhere = []fault.Code{
	fault.Invalid, fault.TimedOut, fault.TooLarge, fault.MediaType, fault.Internal, fault.Unavailable,
}

// problemCodes are those that a route may answer with beside them: what its audience, parameters, pace and key bring,
// and what the table says.
func (r route) problemCodes() []fault.Code {
	codes := slices.Clone(r.problems)
	if !r.who.public {
		codes = append(codes, fault.Unauthenticated, fault.Forbidden)
	}
	if r.in != nil && r.in.NumField() > 0 || r.method != fiber.MethodGet && !r.who.public {
		codes = append(codes, fault.Invalid)
	}
	if len(pathNames(r.path)) > 0 {
		codes = append(codes, fault.NotFound)
	}
	if r.perMinute > 0 || r.perOrder > 0 || r.right != "" {
		codes = append(codes, fault.TooMany)
	}
	if r.keyed {
		codes = append(codes, fault.Invalid, fault.KeyMissing, fault.KeyReused)
	}
	slices.Sort(codes)
	return slices.Compact(codes)
}

// problemResponses are a route's problems by status; default are those that any route may have.
func problemResponses(r route) object {
	all, byStatus := object{"default": problemRef("Anything", r)}, map[int][]fault.Code{}
	for _, code := range r.problemCodes() {
		byStatus[statusOf(code)] = append(byStatus[statusOf(code)], code)
	}
	for status, codes := range byStatus {
		for _, c := range anywhere {
			if statusOf(c) == status && !slices.Contains(codes, c) {
				codes = append(codes, c)
			}
		}
		if all[strconv.Itoa(status)] = problemRef(string(codes[0]), r); len(codes) > 1 {
			all[strconv.Itoa(status)] = problemResponse(codes, r.answersPages())
		}
	}
	return all
}

// answersPages reports whether a route answers a problem with a page, to who came for one.
func (r route) answersPages() bool {
	return r.method == fiber.MethodGet && !strings.HasPrefix(r.path, "/v1/") || r.tag() == "checkout"
}

// problemRef is a reference to one of the problemComponents.
func problemRef(name string, r route) object {
	if r.answersPages() {
		name += ".page"
	}
	return object{"$ref": "#/components/responses/" + name}
}

// problemComponents are the answers of one code each, and of those that any route may have.
func problemComponents() object {
	all := object{"Anything": problemResponse(anywhere, false), "Anything.page": problemResponse(anywhere, true)}
	for _, k := range problemKinds {
		all[string(k.Code)] = problemResponse([]fault.Code{k.Code}, false)
		all[string(k.Code)+".page"] = problemResponse([]fault.Code{k.Code}, true)
	}
	return all
}

func problemResponse(codes []fault.Code, pages bool) object {
	slices.Sort(codes)
	var titles []string
	for _, c := range codes {
		titles = append(titles, kindOf(c).TitleEN)
	}
	content := object{"application/problem+json": object{"schema": object{"allOf": []object{
		{"$ref": "#/components/schemas/Problem"}, {"properties": object{"code": object{"enum": codes}}}}}}}
	if pages {
		content[fiber.MIMETextHTML] = object{}
	}
	answer := object{"description": strings.Join(titles, ", "), "content": content}
	if slices.Contains(codes, fault.Unauthenticated) {
		answer["headers"] = object{fiber.HeaderWWWAuthenticate: object{"description": "How to say who calls",
			"required": true, "schema": object{"const": "Bearer"}}}
	}
	if slices.Contains(codes, fault.TooMany) {
		answer["headers"] = paceHeaders(object{"Retry-After": object{"description": "Seconds to wait",
			"required": true, "schema": object{"type": "integer"}}})
	}
	return answer
}

// problemSchema is the schema of a problem document, which may have members beside these.
func problemSchema() object {
	var codes []fault.Code
	for _, k := range problemKinds {
		codes = append(codes, k.Code)
	}
	text := func(says string) object { return object{"type": "string", "description": says} }
	return object{
		"type": "object", "description": "What went wrong (RFC 9457)",
		"required": []string{"type", "title", "status", "code", "detail", "request_id"},
		"properties": object{
			"type": object{"type": "string", "format": "uri-reference", "description": "Where the kind is explained",
				"examples": []string{kindOf(fault.Stale).address()}},
			"title":       text("What the kind is called, in the caller's language"),
			"status":      object{"type": "integer"},
			"code":        object{"type": "string", "enum": codes, "description": "Stable, for programs"},
			"detail":      text("What is wrong with this request, for the person, in the caller's language"),
			"request_id":  text("The log has the cause under it"),
			"retry_after": object{"type": "integer", "description": "Seconds to wait, as Retry-After"},
			"field":       text("The field that is wrong"),
			"order":       text("The order in the way, or that paid"),
			"request":     text("The change that waits for a decision already"),
			"account":     text("The merchant account that does not fit"),
			"amount":      object{"type": "integer", "description": "What is to be paid, in fen"},
			"bill":        text("The bill that does not fit"),
			"ref":         text("The item of the order that does not fit"),
			"refundable":  object{"type": "integer", "description": "How much of the item may go back, in fen"},
			"refund_status": object{"$ref": "#/components/schemas/RefundStatus",
				"description": "How the refund stands"},
			"explain_first": object{"type": "integer",
				"description": "The attempt whose money that went back must be explained first"},
			"decline_reason": text("Why the institution refused"),
			"failure":        text("The institution's own code and words"),
			"bytes":          object{"type": "integer", "description": "How large what is too large is"},
			"maximum":        object{"type": "integer", "description": "The most that may be"},
			"max_bills":      object{"type": "integer", "description": "The most bills of one order"},
			"must_change":    object{"type": "boolean", "description": "The password must be changed first"},
			"server_time":    object{"type": "string", "format": "date-time", "description": "Our clock"},
			"unpaired":       object{"type": "boolean", "description": "The terminal was unpaired: pair it again"},
		},
	}
}

//go:embed problems.html
var problemsFile string

var problemsPage = plainPage("problems.html", problemsFile)

// docRoutes are the pages of documentation that the binary holds.
func (s *Server) docRoutes() []route {
	return []route{
		{id: "showReference", method: "GET", path: "/docs", who: everybody, summary: "This document as a page",
			endpoint: endpoint{status: 200, kind: "text/html", do: s.showReference}},
		{id: "showProblems", method: "GET", path: "/docs/problems", who: everybody,
			summary:  "What each problem's code means",
			endpoint: endpoint{status: 200, kind: "text/html", do: s.showProblems}},
	}
}

func (s *Server) showProblems(c *fiber.Ctx, _ access.Caller) error {
	var page bytes.Buffer
	err := problemsPage.Execute(&page, struct {
		English bool
		Kinds   []problemKind
	}{english(c), problemKinds})
	if err != nil {
		return err
	}
	c.Set(fiber.HeaderContentType, "text/html; charset=utf-8")
	c.Set(fiber.HeaderCacheControl, "no-cache")
	return c.Status(http.StatusOK).Send(page.Bytes())
}
