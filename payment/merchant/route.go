package merchant

import (
	"cmp"
	"context"
	"slices"
	"time"

	"linlipay/approval"
	"linlipay/audit"
	"linlipay/fault"
	"linlipay/payment/gateway"
	"linlipay/store"
)

// Route says which merchant accounts take the money of one way to pay: the first choice, then the fallback.
type Route struct {
	gateway.PaymentMethod
	Accounts []string `json:"accounts"`
}

// Routes are a company's choices for a community (支付路由). Those of the community "" hold wherever a community has none
// of its own for a way; a way that has none at all goes to the wallet's own institution before an acquirer, to the
// account that names the community before one for the whole company, and nobody stands behind it.
type Routes struct {
	ID             string    `json:"id"` // company/community
	Version        int64     `json:"-"`
	Company        string    `json:"company"`
	Community      string    `json:"community"` // "" is the whole company
	PaymentMethods []Route   `json:"ways"`
	ChangedBy      string    `json:"changed_by,omitempty"`
	ChangedAt      time.Time `json:"changed_at,omitzero"`
	Revision       int64     `json:"revision,omitempty"` // counts the changes of Ways

	Request *RouteRequest `json:"request,omitempty"` // the choice that waits for another person, or the last that did

	OwesAudit audit.Owed `json:"owes_audit,omitempty"`
}

var routes = store.Kind[Routes]{
	Schema: audit.Declare(store.Schema{
		Name: "routes", Fields: []store.Field{{Name: "waiting", Type: store.String}},
		Indexes:  []store.Index{{Name: byWaiting, Fields: []string{"waiting"}}},
		Personal: []string{"request.reason", "request.note"},
	}),
	ID:      func(r *Routes) string { return r.ID },
	Version: func(r *Routes) *int64 { return &r.Version },
	Keys: func(r *Routes) store.Keys {
		keys := store.Keys{}
		if r.standing() != nil && r.Request.State == approval.Requested {
			keys["waiting"] = []any{r.Company}
		}
		return r.OwesAudit.Key(keys)
	},
}

func routesID(company, community string) string { return company + "/" + community }

// accounts are those chosen for a way, nil when nothing was chosen.
func (r *Routes) accounts(w gateway.PaymentMethod) []string {
	for _, route := range r.PaymentMethods {
		if route.PaymentMethod == w {
			return route.Accounts
		}
	}
	return nil
}

// RoutesOf returns what a company has chosen for a community; without a choice Ways is empty.
func (s *Service) RoutesOf(ctx context.Context, company, community string) (*Routes, error) {
	r, err := s.routes.Get(ctx, routesID(company, community))
	if fault.Is(err, fault.NotFound) {
		return &Routes{ID: routesID(company, community), Company: company, Community: community}, nil
	}
	return r, err
}

// SetRoutes replaces what a company has chosen for a community at once, for whoever runs the machine; people ask by
// AskRoutes. A choice that cannot be is Invalid.
func (s *Service) SetRoutes(ctx context.Context, r Routes, by string) (*Routes, error) {
	if err := s.checkRoutes(ctx, r); err != nil {
		return nil, err
	}
	return s.changeRoutes(ctx, r.Company, r.Community, audit.RoutesChanged, by, func(have *Routes) error {
		have.put(r.PaymentMethods, by, s.now())
		return nil
	})
}

// put puts a choice into force.
func (r *Routes) put(ways []Route, by string, now time.Time) {
	r.PaymentMethods, r.ChangedBy, r.ChangedAt = ways, by, now
	r.Revision++
}

// checkRoutes is the Invalid fault of a choice that cannot be: of an account that is not the company's, does not serve
// the community or does not offer the way.
func (s *Service) checkRoutes(ctx context.Context, r Routes) error {
	serving, err := s.eligible(ctx, r.Company, r.Community, "")
	if err != nil {
		return err
	}
	for i, route := range r.PaymentMethods {
		again := slices.ContainsFunc(r.PaymentMethods[:i], func(other Route) bool {
			return other.PaymentMethod == route.PaymentMethod
		})
		if again || len(route.Accounts) == 0 || len(route.Accounts) > 2 || len(route.Accounts) == 2 &&
			route.Accounts[0] == route.Accounts[1] {
			return fault.New(fault.Invalid, "每种支付方式请选择一个首选商户号，最多一个备用商户号。",
				"Choose one account for each way to pay, and at most one behind it.")
		}
		for _, id := range route.Accounts {
			if !slices.ContainsFunc(serving, func(t Candidate) bool {
				return t.Account.ID == id && t.offers(route.PaymentMethod)
			}) {
				return fault.New(fault.Invalid, "所选商户号不支持该支付方式或不服务该小区。",
					"An account chosen does not take money this way, or not for this community.").With("account", id)
			}
		}
	}
	return nil
}

// Candidate is an account that can take money, with its institution's gateway.
type Candidate struct {
	Gateway gateway.Gateway
	Account gateway.Account
}

func (t Candidate) offers(w gateway.PaymentMethod) bool {
	return slices.Contains(t.Gateway.Offers(t.Account), w)
}

// Confirms is how the institution confirms what a terminal reports; "" where no terminal does.
func (t Candidate) Confirms(m gateway.Method) gateway.Confirmation {
	if cards, ok := t.Gateway.(gateway.CardTaker); ok && m == gateway.CardPresent {
		return cards.ConfirmsCards()
	}
	return ""
}

// PayerFinder is how the institution tells who the payer is, or an Unsupported fault.
func (t Candidate) PayerFinder() (gateway.PayerFinder, error) {
	finder, ok := t.Gateway.(gateway.PayerFinder)
	if !ok {
		return nil, fault.New(fault.Unsupported, "该支付渠道无需授权。", "This institution does not identify payers.")
	}
	return finder, nil
}

// eligible are a company's accounts that take money for a community, by institution, those that name the community
// before those for the whole company. For the community "" they are all. An account of a legal entity takes the money
// of no other; for the entity "" all are listed that could serve some.
func (s *Service) eligible(ctx context.Context, company, community, entity string) ([]Candidate, error) {
	candidates, _, err := s.parted(ctx, company, community, entity)
	return candidates, err
}

// parted are the eligible accounts, and the ids of the company's other accounts in force: those that collect for other
// communities or for another entity.
func (s *Service) parted(ctx context.Context, company, community, entity string) (candidates []Candidate,
	elsewhere []string, err error) {
	accounts, err := s.Of(ctx, company)
	if err != nil {
		return nil, nil, err
	}
	for _, a := range accounts {
		g, known := s.gateways[a.Institution]
		here := community == "" || len(a.Communities) == 0 || slices.Contains(a.Communities, community)
		switch {
		case !here || entity != "" && !a.For(entity):
			elsewhere = append(elsewhere, a.ID)
		case known:
			candidates = append(candidates, Candidate{g, a})
		}
	}
	slices.SortStableFunc(candidates, byInstitution)
	return candidates, elsewhere, nil
}

// byInstitution puts accounts in the order of their institutions, of one institution those first that name communities.
func byInstitution(a, b Candidate) int {
	rank := func(t Candidate) int { return slices.Index(gateway.InstitutionRank(), t.Account.Institution) }
	named := func(t Candidate) int { return min(1, len(t.Account.Communities)) }
	return cmp.Or(rank(a)-rank(b), named(b)-named(a))
}

// candidates are the accounts for a way in a community that take an entity's money, the first choice first; none is an
// Unsupported fault.
func (s *Service) candidates(ctx context.Context, company, community, entity string,
	w gateway.PaymentMethod) ([]Candidate, error) {
	routes, err := s.effectiveRoutes(ctx, company, community, entity)
	if err != nil {
		return nil, err
	}
	able := routes.of(w)
	if len(able) == 0 {
		return nil, fault.New(fault.Unsupported, "该小区尚未开通此支付方式。", "This community does not take payments this way yet.")
	}
	return able, nil
}

// inOrder are the takers whose accounts were chosen, in that order.
func inOrder(candidates []Candidate, accounts []string) []Candidate {
	var ordered []Candidate
	for _, id := range accounts {
		if i := slices.IndexFunc(candidates, func(t Candidate) bool { return t.Account.ID == id }); i >= 0 {
			ordered = append(ordered, candidates[i])
		}
	}
	return ordered
}

// effectiveRoutes are who may take an entity's money in a community, and what the company chose for the community, then
// for all. A choice of accounts that all collect for others says nothing about this money.
type effectiveRoutes struct {
	candidates []Candidate
	elsewhere  []string // ids of accounts that collect for other communities or for another entity
	chosen     []*Routes
}

func (s *Service) effectiveRoutes(ctx context.Context, company, community, entity string) (r effectiveRoutes,
	err error) {
	if r.candidates, r.elsewhere, err = s.parted(ctx, company, community, entity); err != nil {
		return r, err
	}
	for _, place := range []string{community, ""} {
		routes, err := s.RoutesOf(ctx, company, place)
		if err != nil {
			return r, err
		}
		r.chosen = append(r.chosen, routes)
	}
	return r, nil
}

// of are the candidates for a payment method, the first choice first. Where nothing was chosen it is the first alone:
// nobody stands behind it whom the company has not put there.
func (r effectiveRoutes) of(w gateway.PaymentMethod) []Candidate {
	able := slices.DeleteFunc(slices.Clone(r.candidates), func(t Candidate) bool { return !t.offers(w) })
	for _, routes := range r.chosen {
		if accounts := routes.accounts(w); slices.ContainsFunc(accounts, r.serves) {
			return inOrder(able, accounts)
		}
	}
	return able[:min(1, len(able))]
}

// serves reports whether an account chosen collects for this place and entity, or is not in force just now.
func (r effectiveRoutes) serves(account string) bool { return !slices.Contains(r.elsewhere, account) }

// Wanted is what somebody is to take the money of.
type Wanted struct {
	Company, Community string
	Entity             string // the legal entity whose money it is: no other's account takes it
	Way                gateway.PaymentMethod
	Account            string   // the one that must take it; "" leaves it to the community's routes
	Tried              []string // accounts that could not be reached just now
}

// Candidate is who takes the money of a new attempt: the first choice, or the fallback while the first is failing or is
// among those tried just now in vain. A way that none takes is Unsupported; where all that take it were tried in vain
// it is UpstreamUnknown.
func (s *Service) Candidate(ctx context.Context, w Wanted) (Candidate, error) {
	candidates, err := s.candidates(ctx, w.Company, w.Community, w.Entity, w.Way)
	if err != nil {
		return Candidate{}, err
	}
	if w.Account != "" {
		candidates = inOrder(candidates, []string{w.Account})
	}
	candidates = slices.DeleteFunc(candidates, func(t Candidate) bool { return slices.Contains(w.Tried, t.Account.ID) })
	if len(candidates) == 0 {
		return Candidate{}, gateway.TryAgain(nil)
	}
	for _, t := range candidates {
		if len(candidates) == 1 || s.circuits.allows(t.Account.ID, s.now()) {
			// nobody stands behind the only one: asking would use up a trial
			return t, nil
		}
	}
	return candidates[0], nil // all are failing: the first choice may be the first to come back
}

// PaymentMethods lists the ways in which an order of a community and a legal entity can be paid now: those that
// somebody offers and that one of the accounts chosen for them takes.
func (s *Service) PaymentMethods(ctx context.Context, company, community, entity string) ([]gateway.PaymentMethod,
	error) {
	routes, err := s.effectiveRoutes(ctx, company, community, entity)
	if err != nil {
		return nil, err
	}
	ways := []gateway.PaymentMethod{}
	for _, t := range routes.candidates {
		for _, w := range t.Gateway.Offers(t.Account) {
			if !slices.Contains(ways, w) && len(routes.of(w)) > 0 {
				ways = append(ways, w)
			}
		}
	}
	return ways, nil
}

// Option is a way to pay with the accounts that could take it, in the order in which they would without a choice.
type Option struct {
	gateway.PaymentMethod
	Accounts []OptionAccount `json:"accounts"`
}

// OptionAccount is an account that could take a way to pay.
type OptionAccount struct {
	ID          string              `json:"id"`
	Institution gateway.Institution `json:"institution"`
	// its institution does not answer this process now: new attempts go to the fallback (熔断)
	Failing bool `json:"failing,omitempty"`
}

// Options lists what a company can choose for a community.
func (s *Service) Options(ctx context.Context, company, community string) ([]Option, error) {
	serving, err := s.eligible(ctx, company, community, "")
	if err != nil {
		return nil, err
	}
	choices := []Option{}
	for _, t := range serving {
		for _, w := range t.Gateway.Offers(t.Account) {
			i := slices.IndexFunc(choices, func(c Option) bool { return c.PaymentMethod == w })
			if i < 0 {
				i, choices = len(choices), append(choices, Option{PaymentMethod: w})
			}
			choices[i].Accounts = append(choices[i].Accounts,
				OptionAccount{t.Account.ID, t.Account.Institution, s.circuits.open(t.Account.ID, s.now())})
		}
	}
	slices.SortStableFunc(choices, func(a, b Option) int {
		return slices.Index(gateway.Wallets(), a.Wallet) - slices.Index(gateway.Wallets(), b.Wallet)
	})
	return choices, nil
}
