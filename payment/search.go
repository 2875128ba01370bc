package payment

import "slices"

// Answers reports whether a search for a text finds the order by itself, and not only by its home.
func (o *Order) Answers(text string) bool { return slices.Contains(o.searchTerms(), any(text)) }

// searchTerms are what a cashier may type to find the order, each matched whole.
func (o *Order) searchTerms() []any {
	terms := []string{o.ID, o.Payer.Phone, o.Payer.Label, o.Payer.Name}
	for _, a := range o.Attempts {
		terms = append(terms, a.OutTradeNo, a.TransactionID, a.BookedAs, a.StatementNo, a.Card.Key())
		for _, f := range a.Returns.Named {
			terms = append(terms, f.Number, f.ID)
		}
		for _, u := range a.Returns.Unpriced {
			terms = append(terms, u.Number)
		}
	}
	for _, r := range o.Refunds {
		terms = append(terms, r.OutRefundNo, r.RefundID, r.UpstreamNo)
	}
	var list []any
	for _, t := range terms {
		if t != "" && !slices.Contains(list, any(t)) {
			list = append(list, t)
		}
	}
	return list
}
