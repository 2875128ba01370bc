package simulate

import (
	"context"
	"fmt"
	"slices"

	"linlipay/payment"
	"linlipay/payment/gateway"
	"linlipay/payment/merchant"
)

// institutionNames are the institutions of a simulation.
var institutionNames = []gateway.Institution{gateway.WeChat, gateway.Alipay, gateway.Lakala, gateway.Shengpay,
	gateway.Ruiyinxin}

// foundAccounts gives a company accounts at every institution: one for all its legal entities, one of each, or both one
// for all and one of the second.
func (w *world) foundAccounts(accounts *merchant.Accounts, company string) {
	for _, b := range w.institutions {
		first := gateway.Account{ID: company + "-" + string(b.name), Company: company, Institution: b.name}
		other := first
		other.ID, other.Entity = second(company)+"-"+string(b.name), second(company)
		switch n := w.sched.dice.IntN(10); {
		case n < 3:
			w.foundAccount(accounts, b, first)
		case n < 8:
			first.Entity = company
			fallthrough
		default:
			w.foundAccount(accounts, b, first)
			w.foundAccount(accounts, b, other)
		}
	}
}

// foundAccount adds an account. Some trust their devices, which must not matter where the institution can be asked.
func (w *world) foundAccount(accounts *merchant.Accounts, b *institution, a gateway.Account) {
	if b.name != gateway.Ruiyinxin && w.sched.odds(700) {
		a.Settings = map[string]string{"trust_device": "yes"}
	}
	w.trusted[a.ID] = b.confirms() == gateway.ByStatement && a.Settings != nil
	if err := accounts.Add(context.Background(), a, w.began); err != nil {
		panic(err)
	}
	w.accounts = append(w.accounts, a)
	w.entities.accounts[a.ID] = a.Entity
}

// able are a company's accounts that take a way, in the order in which they do without a choice.
func (w *world) able(company string, way gateway.PaymentMethod) (ids []string) {
	for _, name := range institutionNames {
		var here []string
		for _, a := range w.accounts {
			if a.Company == company && a.Institution == name && slices.Contains(ways[name], way) {
				here = append(here, a.ID)
			}
		}
		slices.Sort(here)
		ids = append(ids, here...)
	}
	return ids
}

// trusts reports whether a device's word is booked before the statement agrees.
func (w *world) trusts(account string) bool { return w.trusted[account] }

// foundRoutes draws what a company chooses for a place: for some ways a first choice, mostly with a second behind it.
func (w *world) foundRoutes(s *payment.Service, company, community string) {
	var r merchant.Routes
	r.Company, r.Community = company, community
	var seen []gateway.PaymentMethod
	for _, name := range institutionNames {
		for _, way := range ways[name] {
			if slices.Contains(seen, way) {
				continue
			}
			seen = append(seen, way)
			if values := w.choose(company, way); w.sched.odds(700) {
				r.PaymentMethods = append(r.PaymentMethods, merchant.Route{PaymentMethod: way, Accounts: values})
			}
		}
	}
	if _, err := s.Merchants().SetRoutes(context.Background(), r, "staff:operations"); err != nil {
		panic(err)
	}
	for _, route := range r.PaymentMethods {
		w.routes[company+"/"+community+fmt.Sprint(route.PaymentMethod)] = route.Accounts
	}
}

// choose draws one or two of a company's accounts that take a way.
func (w *world) choose(company string, way gateway.PaymentMethod) []string {
	values := w.able(company, way)
	w.sched.dice.Shuffle(len(values), func(i, j int) { values[i], values[j] = values[j], values[i] })
	if w.sched.odds(150) {
		return values[:1]
	}
	return values[:min(2, len(values))]
}

// choice is which of the accounts that may take a way for an entity an account is: 0 is the first, -1 none of them.
// Where nothing was chosen it is the first alone; a choice of accounts that all collect for others chooses nothing.
func (w *world) choice(o *brief, way gateway.PaymentMethod, account string) int {
	collects := func(ids []string) []string {
		return slices.DeleteFunc(slices.Clone(ids), func(id string) bool { return !w.collectsFor(id, w.entityOf(o)) })
	}
	for _, place := range []string{o.Community, ""} {
		if ids := collects(w.routes[o.Company+"/"+place+fmt.Sprint(way)]); len(ids) > 0 {
			return slices.Index(ids, account)
		}
	}
	ids := collects(w.able(o.Company, way))
	return slices.Index(ids[:min(1, len(ids))], account)
}

// tradeOf is the trade under one of our numbers, at whichever institution has it.
func (w *world) tradeOf(out string) *trade {
	for _, b := range w.institutions {
		if t := b.trades[out]; t != nil {
			return t
		}
	}
	return nil
}
