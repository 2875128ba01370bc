package access

import (
	"context"
	"slices"
	"strings"
	"time"

	"linlipay/approval"
	"linlipay/audit"
	"linlipay/fault"
	"linlipay/store"
)

// Right is one thing that a program may do. A client has none but those that were approved for it; no right contains
// another.
type Right string

// The rights of API clients, each of which routes name.
const (
	ReadUnits   Right = "units.read"      // communities and units; owners and phones stay masked
	ReadBills   Right = "bills.read"      // the bills of units
	ReadOrders  Right = "orders.read"     // orders with their refunds, and how they can be paid
	MakeOrders  Right = "orders.write"    // make, pay, check and close orders
	AskRefunds  Right = "refunds.write"   // ask for refunds; above the company's limit a person decides
	ImportBills Right = "workbooks.write" // take in workbooks of units and bills

	ReadTerminals Right = "terminals.read" // terminals, and which of them are heard of
)

// ClientRights are all of them.
func ClientRights() []Right {
	return []Right{ReadUnits, ReadBills, ReadOrders, MakeOrders, AskRefunds, ImportBills, ReadTerminals}
}

// Grant is what a client was given, or what is asked for it.
type Grant struct {
	Rights      []Right   `json:"rights"`
	Communities []string  `json:"communities,omitempty"` // see Scope
	Regions     []string  `json:"regions,omitempty"`
	ExpiresAt   time.Time `json:"expires_at,omitzero"` // no key of it is good from then on; zero is never
}

func (g Grant) scope() Scope { return Scope{g.Communities, g.Regions} }

// within reports whether a grant gives nothing that another, whose scope is written out, does not.
func (g Grant) within(other Grant, has Scope) bool {
	return !slices.ContainsFunc(g.Rights, func(r Right) bool { return !slices.Contains(other.Rights, r) }) &&
		has.covers(g.scope()) &&
		(other.ExpiresAt.IsZero() || !g.ExpiresAt.IsZero() && !g.ExpiresAt.After(other.ExpiresAt))
}

// Client is a program of a company's own (ERP, 财务软件, a mini-program) that calls the API with a key.
type Client struct {
	ID        string `json:"id"`
	Version   int64  `json:"-"`
	Company   string `json:"company"`
	Name      string `json:"name"` // which system it is, in the company's words
	Grant            // what it may do; nothing until a second person has approved it
	PerMinute int    `json:"per_minute"` // calls a minute, counted by each server for itself

	Admitted  bool        `json:"admitted,omitempty"` // a second person has approved it once
	CreatedAt time.Time   `json:"created_at"`
	CreatedBy string      `json:"created_by"`
	RevokedAt time.Time   `json:"revoked_at,omitzero"` // for ever
	Keys      []ClientKey `json:"keys,omitempty"`      // the newest last

	Revision int64          `json:"revision,omitempty"` // of what it was given: what a request is based on
	Request  *ClientRequest `json:"request,omitempty"`  // what waits for another person, or was decided last

	OwesAudit audit.Owed `json:"owes_audit,omitempty"`
}

var clients = store.Kind[Client]{
	Schema: audit.Declare(store.Schema{
		Name:   "api_clients",
		Fields: []store.Field{{Name: "company", Type: store.String}, {Name: "asked", Type: store.Int}},
		Indexes: []store.Index{{Name: "by_company", Fields: []string{"company"}},
			{Name: "by_asked", Fields: []string{"company", "asked"}}},
		Personal: []string{"request.reason", "request.note"},
	}),
	ID:      func(c *Client) string { return c.ID },
	Version: func(c *Client) *int64 { return &c.Version },
	Keys: func(c *Client) store.Keys {
		keys := store.Keys{"company": {c.Company}}
		if c.Request != nil && c.Request.State == approval.Requested {
			keys["asked"] = []any{c.Request.RequestedAt.UnixMilli()}
		}
		return c.OwesAudit.Key(keys)
	},
}

// Bounds of clients.
const (
	clientsMost      = 50   // of a company that are not revoked
	clientNameMost   = 40   // characters
	perMinuteMost    = 6000 // calls
	perMinuteUsual   = 120  // calls
	clientRightsMost = 20   // rights of one
)

// check is the Invalid fault of a grant that nobody can have.
func (g Grant) check(now time.Time) error {
	if len(g.Rights) == 0 || len(g.Rights) > clientRightsMost {
		return wrong("rights", "至少选择一项权限。", "At least one right is required.")
	}
	for _, r := range g.Rights {
		if !slices.Contains(ClientRights(), r) {
			return wrong("rights", "没有这项权限。", "There is no such right: "+string(r)+".")
		}
	}
	if !g.ExpiresAt.IsZero() && !g.ExpiresAt.After(now) {
		return wrong("expires_at", "到期时间须在将来。", "It must expire in the future.")
	}
	return nil
}

func checkClient(name string, perMinute int) error {
	switch {
	case strings.TrimSpace(name) == "":
		return wrong("name", "请填写名称。", "A name is required.")
	case len([]rune(name)) > clientNameMost:
		return wrong("name", "名称最多 40 个字。", "A name has 40 characters at most.")
	case perMinute < 1 || perMinute > perMinuteMost:
		return wrong("per_minute", "每分钟次数须为 1 至 6000。", "Calls a minute are 1 to 6000.")
	}
	return nil
}

// ClientState says whether a client may do anything.
type ClientState string

// The states of a client.
const (
	ClientWaiting ClientState = "waiting" // 待审批: nobody has approved it yet
	ClientActive  ClientState = "active"  // 使用中
	ClientExpired ClientState = "expired" // 已到期: its time is over; a later one can be asked for
	ClientRefused ClientState = "refused" // 已驳回: it was never approved
	ClientRevoked ClientState = "revoked" // 已吊销: for ever
)

// State is how a client stands at a time.
func (c *Client) State(now time.Time) ClientState {
	switch {
	case !c.RevokedAt.IsZero():
		return ClientRevoked
	case !c.Admitted && c.Request.standing().At(now) == approval.Requested:
		return ClientWaiting
	case !c.Admitted:
		return ClientRefused
	case !c.ExpiresAt.IsZero() && !now.Before(c.ExpiresAt):
		return ClientExpired
	}
	return ClientActive
}

// within is the NotFound fault of a client beyond a caller's reach: of another company, or of more communities than are
// theirs.
func (c *Client) within(by Caller) error {
	reach := c.scope()
	if c.Request != nil && !c.Admitted {
		reach = c.Request.Grant.scope()
	}
	if c.Company != by.Company || !by.Scope().covers(reach) {
		return fault.New(fault.NotFound, "没有这个 API 客户端。", "There is no such API client.")
	}
	return nil
}

// Client is a client within a caller's reach. One that is not is NotFound.
func (s *Service) Client(ctx context.Context, by Caller, id string) (*Client, error) {
	c, err := s.clients.Get(ctx, id)
	if err != nil {
		return nil, err
	}
	return c, c.within(by)
}

// Clients is a page of the clients within a caller's reach, those with a request that waits alone if asked for, and the
// cursor of the next page, "" on the last. A page may be short.
func (s *Service) Clients(ctx context.Context, by Caller, asked bool, cursor string, limit int) (page []Client,
	next string, err error) {
	q := store.Query{Index: "by_company", Equal: []any{by.Company}, Cursor: cursor, Limit: limit}
	if asked {
		q.Index = "by_asked"
	}
	for {
		page, next, err := s.clients.Find(ctx, q)
		if err != nil {
			return nil, "", err
		}
		page = slices.DeleteFunc(page, func(c Client) bool { return c.within(by) != nil })
		if len(page) > 0 || next == "" {
			return page, next, nil
		}
		q.Cursor = next
	}
}

// EveryClient is all of a company's clients, the revoked too, to name the actors of timelines.
func (s *Service) EveryClient(ctx context.Context, company string) ([]Client, error) {
	var all []Client
	err := s.clients.All(ctx, store.Query{Index: "by_company", Equal: []any{company}}, func(c Client) error {
		all = append(all, c)
		return nil
	})
	return all, err
}

// Actor is the client in timelines, such as "client:4f…".
func (c *Client) Actor() string { return string(ClientKind) + ":" + c.ID }

// caller is who calls with one of the client's keys. Of the regions that it was given it has the names alone.
func (c *Client) caller(k *ClientKey) Caller {
	s := c.scope().within(&Organisation{}, "")
	return Caller{
		Kind: ClientKind, ID: c.ID, Name: c.Name, Company: c.Company, Communities: s.Communities, Regions: s.Regions,
		Rights: c.Rights, PerMinute: c.PerMinute, keyID: k.ID, used: k.UsedAt,
	}
}
