package handlers

import (
	"context"
	"strings"

	"linlipay/audit"
	"linlipay/fault"
	"linlipay/payment/merchant"
	"linlipay/property"
)

// namer finds what the people, programs, devices, places and accounts that events tell of are called now. The audit log
// itself has no names, since they are personal data, or change. What is few in a company is read once and whole.
type namer struct {
	s       *Server
	company string
	names   map[string]string // by kind and id, as events write it; "" is without a name
	read    map[string]bool   // kinds that were read whole
}

func (s *Server) namer(company string) *namer {
	return &namer{s, company, map[string]string{}, map[string]bool{}}
}

// of are the names of what an event tells of, by kind and id. What has none is not among them.
func (n *namer) of(ctx context.Context, e *audit.Event) (map[string]string, error) {
	names := map[string]string{}
	for _, ref := range refsOf(e) {
		name, err := n.name(ctx, ref)
		if err != nil {
			return nil, err
		}
		if name != "" {
			names[ref] = name
		}
	}
	return names, nil
}

// name is what one thing is called, "" where it has no name or is gone.
func (n *namer) name(ctx context.Context, ref string) (string, error) {
	kind, id, _ := strings.Cut(ref, ":")
	if list := n.lists()[kind]; list != nil && !n.read[kind] {
		n.read[kind] = true
		if err := list(ctx); err != nil {
			return "", err
		}
	}
	name, known := n.names[ref]
	if one := n.ones()[kind]; one != nil && !known {
		var err error
		if name, err = one(ctx, id); err != nil && !fault.Is(err, fault.NotFound) {
			return "", err
		}
		n.names[ref] = name
	}
	return name, nil
}

// lists read the kinds of which a company has few.
func (n *namer) lists() map[string]func(context.Context) error {
	return map[string]func(context.Context) error{
		"staff": n.staff, "client": n.clients, "account": n.accounts, "endpoint": n.endpoints,
		"entity": n.organisation, "region": n.organisation, "community": n.communities,
	}
}

// ones read one thing of a kind of which there are many.
func (n *namer) ones() map[string]func(context.Context, string) (string, error) {
	return map[string]func(context.Context, string) (string, error){
		"unit": n.unit, "binding": n.binding, "routes": n.routes, "terminal": n.terminal,
		"settings": n.settings, "bill": n.bill,
	}
}

func (n *namer) staff(ctx context.Context) error {
	all, err := n.s.Access.Everybody(ctx, n.company)
	for i := range all {
		n.names[all[i].Caller().Actor()] = all[i].Name
	}
	return err
}

func (n *namer) clients(ctx context.Context) error {
	all, err := n.s.Access.EveryClient(ctx, n.company)
	for i := range all {
		n.names[all[i].Actor()] = all[i].Name
	}
	return err
}

func (n *namer) accounts(ctx context.Context) error {
	all, err := everything(func(cursor string, limit int) ([]merchant.AccountInfo, string, error) {
		return n.s.Payments.Merchants().AccountInfos(ctx, n.company, cursor, limit)
	})
	for i := range all {
		n.names["account:"+all[i].ID] = all[i].Name
	}
	return err
}

// endpoints are called by their addresses.
func (n *namer) endpoints(ctx context.Context) error {
	all, err := n.s.Webhooks.Endpoints(ctx, n.company)
	for i := range all {
		n.names["endpoint:"+all[i].ID] = all[i].URL
	}
	return err
}

func (n *namer) organisation(ctx context.Context) error {
	o, err := n.s.Access.Organisation(ctx, n.company)
	if err != nil {
		return err
	}
	for i := range o.Entities {
		n.names["entity:"+o.Entities[i].ID] = o.Entities[i].Name
	}
	for i := range o.Regions {
		n.names["region:"+o.Regions[i].ID] = o.Regions[i].Name
	}
	return nil
}

func (n *namer) communities(ctx context.Context) error {
	all, err := n.s.Property.Communities(ctx, property.Scope{Company: n.company})
	for i := range all {
		n.names["community:"+all[i].ID] = all[i].Name
	}
	return err
}

// bill is called by its home and what it is for.
func (n *namer) bill(ctx context.Context, id string) (string, error) {
	b, err := n.s.Billing.Bill(ctx, id)
	if err != nil || b.Company != n.company {
		return "", err
	}
	unit, err := n.unit(ctx, b.Unit)
	return unit + " " + b.Title(), err
}

// terminal is one that was paired, also one that is not any more.
func (n *namer) terminal(ctx context.Context, id string) (string, error) {
	t, err := n.s.Terminals.Get(ctx, id)
	if err != nil || t.Company != n.company {
		return "", err
	}
	return t.Name, nil
}

func (n *namer) unit(ctx context.Context, id string) (string, error) {
	u, err := n.s.Property.Unit(ctx, id)
	if err != nil || u.Company != n.company {
		return "", err
	}
	return n.home(ctx, u.Community, u.Label)
}

// binding is called by the unit that was asked for, as the resident wrote it.
func (n *namer) binding(ctx context.Context, id string) (string, error) {
	b, err := n.s.Property.Binding(ctx, id)
	if err != nil || b.Company != n.company {
		return "", err
	}
	return n.home(ctx, b.Community, b.Label)
}

// home is a unit with its community: those of two communities often have the same label.
func (n *namer) home(ctx context.Context, community, label string) (string, error) {
	place, err := n.name(ctx, "community:"+community)
	return strings.TrimPrefix(place+" · "+label, " · "), err
}

// routes are called by the community that they are of, or by the company.
func (n *namer) routes(ctx context.Context, id string) (string, error) {
	if _, community, _ := strings.Cut(id, "/"); community != "" {
		return n.name(ctx, "community:"+community)
	}
	return n.settings(ctx, n.company)
}

// settings are the company's.
func (n *namer) settings(ctx context.Context, _ string) (string, error) {
	return n.s.Property.CompanyName(ctx, n.company), nil
}

// refsOf are the things that an event tells of, by kind and id.
func refsOf(e *audit.Event) []string {
	refs := []string{e.Actor, e.Object, e.Of}
	for _, state := range []audit.State{e.Before, e.After} {
		for field, value := range state {
			refs = append(refs, refsIn(field, value)...)
		}
	}
	return refs
}

// refsIn are the things that a field of an event's state tells of. It has their ids, or kind and id, one after the
// other, and may have days between them.
func refsIn(field, value string) (refs []string) {
	kinds := map[string]string{"communities": "community", "entities": "entity", "regions": "region", "by": "staff",
		"deputies": "staff", "decided_for": "staff"}
	kind, known := kinds[strings.TrimPrefix(field, "asked_")]
	if strings.Contains(field, " ") { // a way to pay, and the accounts that take it
		kind, known = "account", true
	}
	if strings.HasPrefix(field, "decides_") { // roles, limits and communities
		kind, known = "role", true
	}
	if !known {
		return nil
	}
	for _, id := range strings.FieldsFunc(value, func(r rune) bool { return r == ' ' || r == ',' }) {
		if !strings.Contains(id, ":") {
			id = kind + ":" + id
		}
		refs = append(refs, id)
	}
	return refs
}
