package handlers

import (
	"context"
	"encoding/base64"
	"slices"
	"time"

	"linlipay/access"
	"linlipay/audit"
	"linlipay/fault"
	"linlipay/store"
	"linlipay/terminal"
)

// terminalRoutes are the routes of terminals and their pairing.
func (s *Server) terminalRoutes() []route {
	return []route{
		{id: "pairTerminal", method: "POST", path: "/v1/terminals", who: everybody,
			summary: "Pair a device by its code", perMinute: 10, records: recording{refused: audit.TerminalRefused},
			problems: []fault.Code{fault.NotFound, fault.Expired}, endpoint: handle(s, 201, s.pair)},
		{id: "createTerminalToken", method: "POST", path: "/v1/terminals/tokens", who: everybody,
			summary: "A token for a device that signs", perMinute: 120, problems: []fault.Code{fault.Unauthenticated},
			endpoint: handle(s, 200, s.terminalToken)},
		{id: "listTerminals", method: "GET", path: "/v1/terminals", who: anyStaff, summary: "The company's terminals",
			endpoint: listed(s, store.SortsBy("name", "community_name", "last_seen_at", "paired_at"), s.listTerminals)},
		{id: "unpairTerminal", method: "DELETE", path: "/v1/terminals/:id", who: staffWith(access.Operations),
			summary: "End a terminal's pairing", problems: []fault.Code{fault.WrongState},
			endpoint: handle(s, 200, s.unpairTerminal)},
		{id: "createPairing", method: "POST", path: "/v1/pairings", who: staffWith(access.Operations),
			summary: "A pairing code for a terminal", records: recording{done: audit.PairingMade},
			problems: []fault.Code{fault.NotFound}, endpoint: handle(s, 201, s.newPairing)},
	}
}

type terminalView struct {
	ID            string    `json:"id"`
	Name          string    `json:"name"`
	Community     string    `json:"community"`
	CommunityName string    `json:"community_name"`
	CompanyName   string    `json:"company_name,omitempty"`
	PairedAt      time.Time `json:"paired_at"`
	LastSeenAt    time.Time `json:"last_seen_at"`
	Online        bool      `json:"online"` // it was heard of within terminal.Silence
	// a trial's: where a terminal without an application of its own has cards read
	CardReader string `json:"card_reader,omitempty"`
}

func (s *Server) terminalView(ctx context.Context, t *terminal.Terminal) (*terminalView, error) {
	community, err := s.Property.Community(ctx, t.Community)
	if err != nil {
		return nil, err
	}
	company, err := s.Property.Company(ctx, t.Company)
	if err != nil {
		return nil, err
	}
	return &terminalView{
		ID: t.ID, Name: t.Name, Community: t.Community, CommunityName: community.Name, CompanyName: company.Name,
		PairedAt: t.PairedAt, LastSeenAt: s.Terminals.LastSeen(t), Online: s.online(t), CardReader: s.Trial,
	}, nil
}

type pairingInput struct {
	Community string `json:"community"`
	Name      string `json:"name"`
}

type pairingView struct {
	Code      string    `json:"code"`
	ExpiresAt time.Time `json:"expires_at"`
}

func (s *Server) newPairing(ctx context.Context, c *call, in pairingInput) (pairingView, error) {
	if err := needed(map[string]string{"community": in.Community, "name": in.Name}); err != nil {
		return pairingView{}, err
	}
	community, err := s.community(ctx, c, in.Community)
	if err != nil {
		return pairingView{}, err
	}
	c.event = audit.Event{Communities: []string{community.ID}}
	code, expires, err := s.Terminals.NewPairing(ctx, community.Company, community.ID, in.Name, c.Actor())
	return pairingView{code, expires}, err
}

type pairInput struct {
	Code      string `json:"code"`
	PublicKey string `json:"public_key"` // base64 of an Ed25519 key (32 bytes) or a point of P-256 (65, uncompressed)
}

type pairedView struct {
	Terminal *terminalView `json:"terminal"`
}

func (s *Server) pair(ctx context.Context, _ *call, in pairInput) (pairedView, error) {
	key, err := base64.StdEncoding.DecodeString(in.PublicKey)
	if err != nil {
		return pairedView{}, malformed("设备公钥不是 Base64。", "The public key is not base64.")
	}
	t, err := s.Terminals.Pair(ctx, in.Code, key)
	if err != nil {
		return pairedView{}, err
	}
	v, err := s.terminalView(ctx, t)
	return pairedView{v}, err
}

type proofInput struct {
	Terminal  string `json:"terminal"`
	Timestamp int64  `json:"timestamp"` // seconds
	Nonce     string `json:"nonce"`
	Signature string `json:"signature"` // of id, timestamp and nonce by the device's key, base64
}

func (s *Server) terminalToken(ctx context.Context, _ *call, in proofInput) (tokensView, error) {
	signature, err := base64.StdEncoding.DecodeString(in.Signature)
	if err != nil {
		return tokensView{}, malformed("签名不是 Base64。", "The signature is not base64.")
	}
	t, err := s.Terminals.Authenticate(ctx, in.Terminal, in.Timestamp, in.Nonce, signature)
	if err != nil {
		return tokensView{}, err
	}
	token, err := s.Access.Issue(ctx, access.Caller{
		Kind: access.TerminalKind, ID: t.ID, Name: t.Name, Company: t.Company, Communities: []string{t.Community},
	})
	if err != nil {
		return tokensView{}, err
	}
	v, err := s.terminalView(ctx, t)
	return tokensView{AccessToken: token, ExpiresIn: int(access.TokenLife / time.Second), Terminal: v}, err
}

// Presence is whether a terminal is heard of.
type Presence string

// The presences.
const (
	TerminalOnline  Presence = "online"  // heard of within terminal.Silence
	TerminalOffline Presence = "offline" // not
)

type terminalsQuery struct {
	State     Presence `query:"state" json:"-"`     // "" is any
	Community string   `query:"community" json:"-"` // "" is all within reach
	pageQuery
}

func (s *Server) listTerminals(ctx context.Context, c *call, in terminalsQuery) (list[terminalView], error) {
	where, err := s.among(ctx, c, in.Community)
	if err != nil {
		return list[terminalView]{}, err
	}
	all, err := s.everyTerminal(ctx, c.Company, where)
	if err != nil {
		return list[terminalView]{}, err
	}
	all = slices.DeleteFunc(all, func(t terminal.Terminal) bool {
		return in.State != "" && (in.State == TerminalOnline) != s.online(&t)
	})
	name := inName()
	page, err := sortedPage(in.pageQuery, all, func(t *terminal.Terminal) string { return t.ID },
		sortKeys[terminal.Terminal]{
			"name":         func(t *terminal.Terminal) string { return name(t.Name) },
			"last_seen_at": func(t *terminal.Terminal) string { return inTime(s.Terminals.LastSeen(t)) },
			"paired_at":    func(t *terminal.Terminal) string { return inTime(t.PairedAt) },
			"community_name": func(t *terminal.Terminal) string {
				return name(s.Property.CommunityName(ctx, t.Community))
			},
		})
	if err != nil {
		return list[terminalView]{}, err
	}
	return shown(page, func(t *terminal.Terminal) (terminalView, error) {
		v, err := s.terminalView(ctx, t)
		if err != nil {
			return terminalView{}, err
		}
		return *v, nil
	})
}

// everyTerminal are a company's paired terminals, in some communities or all.
func (s *Server) everyTerminal(ctx context.Context, company string, communities []string) ([]terminal.Terminal, error) {
	return everything(func(cursor string, limit int) ([]terminal.Terminal, string, error) {
		return s.Terminals.List(ctx, company, communities, cursor, limit)
	})
}

// online reports whether a terminal was heard of lately.
func (s *Server) online(t *terminal.Terminal) bool {
	return s.Now().Sub(s.Terminals.LastSeen(t)) < terminal.Silence
}

func (s *Server) unpairTerminal(ctx context.Context, c *call, in idInput) (terminalView, error) {
	t, err := s.Terminals.Get(ctx, in.ID)
	if err != nil {
		return terminalView{}, err
	}
	if !scope(c).Covers(t.Company, t.Community) {
		return terminalView{}, outOfReach()
	}
	if t, err = s.Terminals.Unpair(ctx, t.ID, c.Actor()); err != nil {
		return terminalView{}, err
	}
	s.Access.Unpaired()
	v, err := s.terminalView(ctx, t)
	if err != nil {
		return terminalView{}, err
	}
	return *v, nil
}
