package sandbox

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"sync"
	"time"
)

// The card reader of a person who tries things out: a terminal's call waits here until the person holds a card to it,
// has it declined, or lets the application be silent. POST /cards/present is the same without waiting.

// readerPatience is how long the application waits for a card before it gives up and hands back nothing, in seconds.
const readerPatience = 600

// waitingCall is a terminal's call that nobody has held a card to yet.
type waitingCall struct {
	ID          string `json:"id"`
	Institution string `json:"institution"`
	cardCall
	swipe  swipe
	reader cardReader
	result chan map[string]string // takes one
}

// cardCalls are the calls that wait, oldest first.
type cardCalls struct {
	mu   sync.Mutex
	some []*waitingCall
}

func (c *cardCalls) add(w *waitingCall) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.some = append(c.some, w)
}

// take removes a call and returns it, nil when it does not wait any more.
func (c *cardCalls) take(id string) *waitingCall {
	c.mu.Lock()
	defer c.mu.Unlock()
	i := slices.IndexFunc(c.some, func(w *waitingCall) bool { return w.ID == id })
	if i < 0 {
		return nil
	}
	w := c.some[i]
	c.some = slices.Delete(c.some, i, i+1)
	return w
}

func (c *cardCalls) list() []*waitingCall {
	c.mu.Lock()
	defer c.mu.Unlock()
	return append([]*waitingCall{}, c.some...)
}

// callReader is a terminal that hands its call to the application; the answer is what the application hands back once a
// person has decided.
func (s *Sandbox) callReader(w http.ResponseWriter, r *http.Request) {
	var in struct {
		Institution string            `json:"institution"`
		Fields      map[string]string `json:"fields"`
	}
	if !decode(w, r, &in) {
		return
	}
	reader, err := s.cardReader(in.Institution)
	if err != nil {
		refuse(w, http.StatusBadRequest, err)
		return
	}
	asked, err := reader.asked(in.Fields)
	if err != nil {
		refuse(w, http.StatusBadRequest, err)
		return
	}
	c := &waitingCall{randomHex(8), in.Institution, asked, swipe{Fields: in.Fields}, reader,
		make(chan map[string]string, 1)}
	s.calls.add(c)
	defer s.calls.take(c.ID)
	patience := time.NewTimer(readerPatience * s.cfg.Second)
	defer patience.Stop()
	select {
	case fields := <-c.result:
		handBack(w, fields)
	case <-patience.C:
		handBack(w, nil)
	case <-r.Context().Done(): // the terminal was switched off
	}
}

// readerCalls lists the calls that wait for a card.
func (s *Sandbox) readerCalls(w http.ResponseWriter, _ *http.Request) { answer(w, s.calls.list()) }

// answerCall is what a person does with a call: hold a card to it, have the issuer decline it, charge the card and lose
// the result, or leave it.
func (s *Sandbox) answerCall(w http.ResponseWriter, r *http.Request) {
	var in struct {
		Do   string `json:"do"`   // swipe, decline, lose or leave
		Card string `json:"card"` // the handle; not needed to void or to leave
	}
	if !decode(w, r, &in) {
		return
	}
	if !slices.Contains([]string{"swipe", "decline", "lose", "leave"}, in.Do) {
		refuse(w, http.StatusBadRequest, fmt.Errorf("do 不正确 (must be swipe, decline, lose or leave)"))
		return
	}
	c := s.calls.take(r.PathValue("id"))
	if c == nil {
		refuse(w, http.StatusNotFound, errors.New("这次刷卡已结束 (this call does not wait any more)"))
		return
	}
	var fields map[string]string
	var err error
	if in.Do != "leave" {
		c.swipe.Card, c.swipe.Declined = in.Card, in.Do == "decline"
		fields, err = c.reader.readCard(c.swipe)
	}
	if in.Do == "lose" {
		fields = nil
	}
	c.result <- fields
	if err != nil {
		refuse(w, http.StatusBadRequest, err)
		return
	}
	handBack(w, fields)
}

// handBack answers with what an application hands back to the terminal.
func handBack(w http.ResponseWriter, fields map[string]string) {
	if fields == nil {
		fields = map[string]string{}
	}
	answer(w, map[string]any{"fields": fields})
}
