package payment

import (
	"regexp"
	"slices"
	"strings"
)

// receiptNumber is a receipt's number as people type it; see ledger.Line.ReceiptNumber.
var receiptNumber = regexp.MustCompile(`(?i)^([a-z0-9]+-)?t?\d{8,}$`)

// SearchTerm is how what a person types stands among an order's search terms: the number of a receipt in capitals.
func SearchTerm(typed string) string {
	if receiptNumber.MatchString(typed) {
		return strings.ToUpper(typed)
	}
	return typed
}

// Answers reports whether a search for a text finds the order by itself, and not only by its home.
func (o *Order) Answers(text string) bool { return slices.Contains(o.searchTerms(), any(text)) }

// searchTerms are what a cashier may type to find the order, each matched whole.
func (o *Order) searchTerms() []any {
	terms := []string{o.ID, o.Payer.Phone, o.Payer.Label, o.Payer.Name}
	for _, a := range o.Attempts {
		terms = append(terms, a.OutTradeNo, a.TransactionID, a.BookedAs, a.StatementNo, a.Card.Key(), a.Receipt)
		for _, f := range a.Returns.Named {
			terms = append(terms, f.Number, f.ID)
		}
		for _, u := range a.Returns.Unpriced {
			terms = append(terms, u.Number)
		}
	}
	for _, r := range o.Refunds {
		terms = append(terms, r.OutRefundNo, r.RefundID, r.UpstreamNo, r.Receipt)
	}
	var list []any
	for _, t := range terms {
		if t != "" && !slices.Contains(list, any(t)) {
			list = append(list, t)
		}
	}
	return list
}
