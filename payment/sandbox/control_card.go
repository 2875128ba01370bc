package sandbox

import (
	"errors"
	"fmt"
	"net/http"
	"slices"

	"linlipay/money"
)

// cardReader is an institution whose application on a terminal takes cards.
type cardReader interface {
	// asked is what a terminal asks of the application by the fields that it hands over; an error is fields of another
	// form.
	asked(fields map[string]string) (cardCall, error)
	// readCard plays the application: it is handed the fields that a terminal hands it, charges or voids, and returns
	// what it hands back. nil is an application that crashed or lost its power: it hands back nothing.
	readCard(in swipe) (map[string]string, error)
}

// cardCall is what a terminal asks of an acquirer's application.
type cardCall struct {
	OutTradeNo string    `json:"out_trade_no"`
	AmountFen  money.Fen `json:"amount_fen,omitempty"`
	Void       bool      `json:"void,omitempty"` // to undo a payment
}

// swipe is a card held to a terminal that was handed fields for the acquirer's application.
type swipe struct {
	Fields   map[string]string
	Card     string // the handle; not needed to void
	Declined bool   // the issuer says no, also to a void
}

// ShownCard is a test card as its holder knows it. The full number is nowhere.
type ShownCard struct {
	Card       string     `json:"card"`   // the handle for POST /cards/present
	Masked     string     `json:"masked"` // first six and last four digits
	Type       string     `json:"type"`   // debit, credit, semi_credit or prepaid
	Issuer     string     `json:"issuer"`
	BalanceFen *money.Fen `json:"balance_fen,omitempty"`
}

// cardTypes are UnionPay's codes 00 to 03 in their order.
func cardTypes() []string { return []string{"debit", "credit", "semi_credit", "prepaid"} }

// issueCard makes a test card.
func (s *Sandbox) issueCard(w http.ResponseWriter, r *http.Request) {
	in := struct {
		Type       string     `json:"type"`
		Issuer     string     `json:"issuer"`
		BalanceFen *money.Fen `json:"balance_fen"`
	}{Type: "debit", Issuer: "招商银行"}
	if !decode(w, r, &in) {
		return
	}
	code := slices.Index(cardTypes(), in.Type)
	if code < 0 || in.BalanceFen != nil && *in.BalanceFen < 0 {
		refuse(w, http.StatusBadRequest, fmt.Errorf("type 或 balance_fen 不正确 (type must be one of %v)", cardTypes()))
		return
	}
	made := s.bank.addCard(card{
		Masked: fmt.Sprintf("62%04d******%04d", randomBelow(10_000), randomBelow(10_000)),
		Type:   fmt.Sprintf("%02d", code), Issuer: in.Issuer, Balance: in.BalanceFen,
	})
	answer(w, ShownCard{made.Handle, made.Masked, in.Type, made.Issuer, in.BalanceFen})
}

// presentCard plays an acquirer's application on a terminal.
func (s *Sandbox) presentCard(w http.ResponseWriter, r *http.Request) {
	var in struct {
		Institution string            `json:"institution"`
		Fields      map[string]string `json:"fields"`
		Card        string            `json:"card"`
		Declined    bool              `json:"declined"`
	}
	if !decode(w, r, &in) {
		return
	}
	reader, err := s.cardReader(in.Institution)
	if err != nil {
		refuse(w, http.StatusBadRequest, err)
		return
	}
	fields, err := reader.readCard(swipe{in.Fields, in.Card, in.Declined})
	if err != nil {
		refuse(w, http.StatusBadRequest, err)
		return
	}
	handBack(w, fields)
}

func (s *Sandbox) cardReader(institution string) (cardReader, error) {
	for _, i := range s.institutions() {
		if reader, ok := i.(cardReader); ok && i.traits().name == institution {
			return reader, nil
		}
	}
	return nil, fmt.Errorf("机构 %q 没有刷卡应用 (this institution has no application that takes cards)", institution)
}

// swiping has the faults of a terminal's application strike: before anything is done, or after it with nothing handed
// back.
func (s *Sandbox) swiping(institution, out string, do func() map[string]string) map[string]string {
	at := occasion{institution, out, "card"}
	if _, crashed := s.faults.strike(at, TimeoutBeforeEffect); crashed {
		return nil
	}
	fields := do()
	if _, crashed := s.faults.strike(at, Lost, TimeoutAfterSuccess); crashed {
		return nil
	}
	return fields
}

// settleBatches settles the batches that terminals have open, as the day's end does: their payments cannot be voided
// any more.
func (s *Sandbox) settleBatches(w http.ResponseWriter, r *http.Request) {
	var in struct {
		Institution string `json:"institution"` // "" is all
	}
	if !decode(w, r, &in) {
		return
	}
	if _, known := s.bank.houses[in.Institution]; in.Institution != "" && !known {
		refuse(w, http.StatusBadRequest, errors.New("没有这家机构 (there is no such institution)"))
		return
	}
	s.bank.settleBatches(in.Institution)
	answer(w, map[string]bool{"settled": true})
}
