package access

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"
	"time"

	"linlipay/audit"
)

// What the audit log is told of an organisation. A legal entity's name and codes are public and no person's; of a bank
// account it has the last four figures and a digest, by which two are told apart.

func (e *LegalEntity) told() audit.State {
	if e == nil {
		return nil
	}
	accounts := make([]string, len(e.Accounts))
	for i, a := range e.Accounts {
		sum := sha256.Sum256([]byte(a.Bank + "\x00" + a.Number))
		accounts[i] = fmt.Sprintf("…%s #%s", a.Number[len(a.Number)-4:], hex.EncodeToString(sum[:4]))
	}
	return audit.State{
		"kind": string(e.Kind), "name": e.Name, "tax_number": e.TaxNumber, "seal": e.Seal, "series": e.Series,
		"books": e.Books, "from": string(e.From), "to": string(e.To), "accounts": strings.Join(accounts, ", "),
	}
}

func (r *Region) told() audit.State {
	if r == nil {
		return nil
	}
	return audit.State{"name": r.Name, "from": string(r.From), "to": string(r.To)}
}

func (p Place) told() audit.State {
	return audit.State{"entities": stays(p.Entities), "regions": stays(p.Regions)}
}

func stays(list []Stay) string {
	text := make([]string, len(list))
	for i, s := range list {
		text[i] = strings.Trim(string(s.From)+" "+s.Of, " ")
	}
	return strings.Join(text, ", ")
}

func (s Settings) told() audit.State {
	return audit.State{
		"unapplied": s.Unapplied, "refund_limit": fmt.Sprint(int64(s.RefundLimit)),
		"desk_minutes": fmt.Sprint(s.DeskMinutes), "phone_minutes": fmt.Sprint(s.PhoneMinutes),
		"part_payments": string(cmp.Or(s.PartPayments, PartsAtDesk)),
		"prepayments":   string(cmp.Or(s.Prepayments, PrepaymentsOnRequest)),
	}
}

// told is what the table says of each matter: the lines apart by commas, each with its role, its limit in fen and its
// communities. Without lines there is nothing.
func (t AuthorityTable) told() audit.State {
	state := audit.State{}
	for _, m := range AuthorityMatters() {
		var lines []string
		for _, l := range t.Lines {
			if l.Matter != m {
				continue
			}
			words := []string{string(l.Role)}
			if l.UpTo > 0 {
				words = append(words, fmt.Sprint(int64(l.UpTo)))
			}
			for _, c := range l.Communities {
				words = append(words, "community:"+c)
			}
			lines = append(lines, strings.Join(words, " "))
		}
		state["decides_"+string(m)] = strings.Join(lines, ", ")
	}
	return state
}

// deputiesOf is who was named the deputy of a person, and nobody has ended.
func (o *Organisation) deputiesOf(person string) audit.State {
	var all []string
	for _, d := range o.Deputies {
		if d.Person == person && d.EndedAt.IsZero() {
			all = append(all, strings.Join([]string{string(d.From), string(d.To), d.Deputy}, " "))
		}
	}
	return audit.State{"deputies": strings.Join(all, ", ")}
}

// told is what stands of one object in the organisation.
func (o *Organisation) told(object string) audit.State {
	kind, id, _ := strings.Cut(object, ":")
	switch kind {
	case "entity":
		return o.Entity(id).told()
	case "community":
		return o.Place(id).told()
	case "region":
		return o.Region(id).told()
	case "authority":
		return o.Authority.told()
	case "staff":
		return o.deputiesOf(object)
	}
	return o.Settings.told()
}

// owe writes an event for each thing that a request is about: what of it differs before and after.
func (o *Organisation) owe(ctx context.Context, verb audit.Verb, before, after *Organisation, r *OrganisationRequest,
	at time.Time) {
	for _, object := range r.objects(o) {
		o.oweOne(ctx, verb, object, before, after, r.ID, at)
	}
}

func (o *Organisation) oweRegion(ctx context.Context, before *Organisation, id string, at time.Time) {
	o.oweOne(ctx, audit.RegionChanged, "region:"+id, before, o, "", at)
}

func (o *Organisation) oweOne(ctx context.Context, verb audit.Verb, object string, before, after *Organisation,
	request string, at time.Time) {
	was, is := before.told(object), after.told(object)
	for name, value := range is {
		if was[name] == value {
			delete(was, name)
			delete(is, name)
		}
	}
	if request != "" {
		if is == nil {
			is = audit.State{}
		}
		is["request"] = request
	}
	o.OwesAudit.Owe(ctx, "organisation/"+o.ID, o.Version, audit.Event{
		At: at, Verb: verb, Object: object, Company: o.ID, Before: was, After: is,
	})
}
