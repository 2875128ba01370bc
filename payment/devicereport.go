package payment

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"linlipay/fault"
	"linlipay/payment/card"
	"linlipay/payment/gateway"
)

// DeviceReport is what a terminal reported of a card payment or a void, signed with its key: proof of who said what.
type DeviceReport struct {
	Terminal  string       `json:"terminal"`
	Fields    HandedFields `json:"fields"` // as the application handed them back; no full card number, track or PIN
	Signature []byte       `json:"signature"`
	ReadAt    time.Time    `json:"read_at,omitzero"` // when it did, by the device's own clock: not to be relied on
	SignedAt  time.Time    `json:"signed_at"`        // when the device sent them, by our clock as it knew it
	At        time.Time    `json:"at"`               // when we had them
	Done      bool         `json:"done"`             // it says that the card was charged, or that the void was done
	Message   string       `json:"message,omitempty"`
	Card      card.Card    `json:"card,omitzero"` // which payment it is of, as far as it could be read
}

// HandedFields are the fields that an acquirer's application handed back, by name. They are stored as a list, since not
// every store takes every name as a key.
type HandedFields map[string]string

// handedField is one of them as it is stored.
type handedField struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

// MarshalJSON writes the fields in the order of their names. It does not fail.
func (f HandedFields) MarshalJSON() ([]byte, error) {
	list := make([]handedField, 0, len(f))
	for _, name := range slices.Sorted(maps.Keys(f)) {
		list = append(list, handedField{name, f[name]})
	}
	return json.Marshal(list)
}

// UnmarshalJSON reads what MarshalJSON wrote. Anything else is an error.
func (f *HandedFields) UnmarshalJSON(raw []byte) error {
	var list []handedField
	if err := json.Unmarshal(raw, &list); err != nil { // or as an object, as it was stored before
		return json.Unmarshal(raw, (*map[string]string)(f))
	}
	*f = make(HandedFields, len(list))
	for _, field := range list {
		(*f)[field.Name] = field.Value
	}
	return nil
}

// says reports whether the word says the same as another.
func (w *DeviceReport) says(other *DeviceReport) bool {
	return w != nil && maps.Equal(w.Fields, other.Fields)
}

// digest tells one result from another by all that was handed back. A secret in it is no part of that, since a full
// card number could be guessed from its digest: there its length, and when the card was read, must do.
func (w *DeviceReport) digest() string {
	h, masked := sha256.New(), false
	for _, name := range slices.Sorted(maps.Keys(w.Fields)) {
		n, v := card.WithoutSecrets(name, w.Fields[name])
		fmt.Fprintf(h, "%q %d %q %d\n", n, len(name), v, len(w.Fields[name]))
		masked = masked || n != name || v != w.Fields[name]
	}
	if masked {
		fmt.Fprintf(h, "%d", w.ReadAt.Unix())
	}
	return hex.EncodeToString(h.Sum(nil))
}

// readDeviceReport translates a device's word of an attempt's payment or of its void, and notes in it what it says. why
// says, for staff, why it can never be taken; an error is one that may pass.
func (s *Service) readDeviceReport(ctx context.Context, a *Attempt, word *DeviceReport) (result gateway.DeviceResult,
	account gateway.Account, why string, err error) {
	cards, account, err := s.cardTaker(ctx, a)
	if fault.Is(err, fault.WrongState) {
		return result, account, NotACard, nil
	}
	if err != nil {
		return result, account, "", err
	}
	if err = gateway.RefuseCardSecrets(word.Fields); err == nil && !card.Readable(word.Fields) {
		return result, account, gateway.Unreadable, nil
	}
	if err == nil {
		result, err = cards.ReadResult(account, a.trade(), word.Fields)
	}
	var g *gateway.Error
	switch {
	case errors.As(err, &g) && g.Kind == gateway.Unauthentic:
		return result, account, cmp.Or(g.Message, gateway.Unreadable), nil
	case err != nil:
		return result, account, "", gateway.TryAgain(err)
	}
	word.Done, word.Message, word.Card = result.Done, card.PlainText(result.Message), result.Card
	return result, account, "", nil
}
