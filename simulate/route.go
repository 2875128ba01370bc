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

// foundAccounts gives a company an account at every institution. Some trust their devices, which must not matter where
// the institution can be asked.
func (w *world) foundAccounts(accounts *merchant.Accounts, company string) {
	for _, b := range w.institutions {
		a := gateway.Account{ID: company + "-" + string(b.name), Company: company, Institution: b.name}
		if b.name != gateway.Ruiyinxin && w.sched.odds(700) {
			a.Settings = map[string]string{"trust_device": "yes"}
		}
		w.trusted[a.ID] = b.confirms() == gateway.ByStatement && a.Settings != nil
		if err := accounts.Add(context.Background(), a, w.began); err != nil {
			panic(err)
		}
		w.accounts = append(w.accounts, a)
	}
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
func (w *world) choose(company string, way gateway.PaymentMethod) (values []string) {
	for _, b := range w.institutions {
		if slices.Contains(ways[b.name], way) {
			values = append(values, company+"-"+string(b.name))
		}
	}
	w.sched.dice.Shuffle(len(values), func(i, j int) { values[i], values[j] = values[j], values[i] })
	if w.sched.odds(150) {
		return values[:1]
	}
	return values[:min(2, len(values))]
}

// choice is which of the accounts that may take a way an account is: 0 is the first, -1 none of them.
func (w *world) choice(company, community string, way gateway.PaymentMethod, account string) int {
	for _, place := range []string{community, ""} {
		if values, ok := w.routes[company+"/"+place+fmt.Sprint(way)]; ok {
			return slices.Index(values, account)
		}
	}
	var values []string
	for _, name := range institutionNames {
		if slices.Contains(ways[name], way) {
			values = append(values, company+"-"+string(name))
		}
	}
	return slices.Index(values, account)
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
