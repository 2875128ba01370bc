package handlers

import (
	"context"
	"slices"
	"time"

	"linlipay/access"
	"linlipay/fault"
	"linlipay/property"
)

// Bounds of asking and guessing, kept in the store. A home's count residents, each once, and a resident's own tries at
// a home are theirs alone, so that one or two strangers lock nobody else out. With them the code of a home is guessed
// on one of forty thousand days.
const (
	asksOfResident  = 10 // a day
	codesOfHome     = 5  // residents who have codes sent, a day
	codesAtHome     = 3  // codes sent for one resident, a day
	requestsOfHome  = 10 // residents who ask the office, a day
	triesOfResident = 30 // codes entered a day
	triesAtHome     = 5  // codes entered by one resident, a day
	aDay            = 24 * time.Hour
)

// toBind is the purpose of a code that goes to the phone on record of a home.
const toBind = "bind"

// CodeMessage is a one-time code on its way to a phone. A code to bind says what it is for, and for whom, so that the
// owner passes it on to nobody else.
type CodeMessage struct {
	Phone, Code string
	Home        string // "" is a code to log in; else the community and unit that somebody wants to bind
	Asker       string // the masked phone of who asks to bind
}

type bindInput struct {
	Community string              `json:"community"`
	Label     string              `json:"label" most:"60"`
	Way       property.BindingWay `json:"method"`
	Note      string              `json:"note,omitempty" most:"100"`
}

// askToBind asks for a home, by a code to the phone on record or at the office. The answer does not tell whether there
// is such a home, or a phone.
func (s *Server) askToBind(ctx context.Context, c *call, in bindInput) (askedView, error) {
	if err := needed(map[string]string{"community": in.Community, "label": in.Label}); err != nil {
		return askedView{}, err
	}
	shows := s.ShowCodes && nearby(c.IP)
	switch {
	case !slices.Contains([]property.BindingWay{property.ByCode, property.ByOffice}, in.Way):
		return askedView{}, malformed("method 须为 code 或 office。", "method is code or office.")
	case in.Way == property.ByCode && s.SendCode == nil && !shows:
		return askedView{}, fault.New(fault.Unsupported, "短信验证码尚未开通，请向物业申请绑定。",
			"One-time codes are not set up; please ask the property office.")
	}
	if err := s.spendAsk(ctx, c, in); err != nil {
		return askedView{}, err
	}
	b, err := s.Property.AskToBind(ctx, c.ID, property.BindRequest(in))
	if err != nil {
		return askedView{}, err
	}
	v, err := s.bindingView(ctx, c, b, nil)
	if err != nil || in.Way == property.ByOffice {
		return askedView{bindingView: v}, err
	}
	asked := askedView{bindingView: v, ExpiresIn: int(access.PassedOnLife.Seconds())}
	code, err := s.Access.NewCodeFor(ctx, toBind, b.ID) // also where there is no home, so that it takes as long
	if err != nil || b.Unit == "" {
		return asked, err
	}
	u, err := s.Property.Unit(ctx, b.Unit)
	if err != nil || u.Phone == "" {
		return asked, err
	}
	if shows {
		asked.DemoCode = code
		return asked, nil
	}
	go s.send(CodeMessage{Phone: u.Phone, Code: code, Home: v.CommunityName + " " + u.Label, Asker: maskPhone(b.Phone)})
	return asked, nil
}

// spendAsk counts a wish to bind against its resident and against the home, be it one or not. Who lives there already
// is not counted against it.
func (s *Server) spendAsk(ctx context.Context, c *call, in bindInput) error {
	if err := s.Access.Spend(ctx, "asks to bind of "+c.Actor(), asksOfResident, aDay); err != nil {
		return err
	}
	home, err := s.Property.HomeNamed(ctx, in.Community, in.Label)
	if err != nil {
		return err
	}
	h, err := s.Property.Home(ctx, c.ID, home)
	if err == nil && h.Household() {
		return nil
	}
	if err != nil && !fault.Is(err, fault.NotFound) {
		return err
	}
	home = in.Community + " " + home
	if in.Way == property.ByOffice {
		return s.Access.SpendAs(ctx, c.Actor(), "residents who ask the office for "+home, requestsOfHome, aDay)
	}
	if err := s.Access.Spend(ctx, "codes for "+c.Actor()+" at "+home, codesAtHome, aDay); err != nil {
		return err
	}
	return s.Access.SpendAs(ctx, c.Actor(), "residents who have codes sent for "+home, codesOfHome, aDay)
}

// send sends a code while the answer is on its way already: how long it takes, and whether it succeeds, would tell that
// there is such a home.
func (s *Server) send(m CodeMessage) {
	ctx, cancel := context.WithTimeout(context.Background(), requestTimeout)
	defer cancel()
	if err := s.SendCode(ctx, m); err != nil {
		s.Log.Error("a code to bind a home could not be sent", "err", err)
	}
}
