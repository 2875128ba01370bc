package approval

import (
	"context"

	"linlipay/money"
)

// Case is one thing that waits for a decision, as far as it says who may decide.
type Case struct {
	Matter    Matter
	Kind      string // as a company's table of authority names it, such as "refund" or "write_off"
	Company   string
	Community string    // "" is a thing of no community
	Amount    money.Fen // what is decided over, in fen
	Signatures
}

// Authority says who may decide, by what each company has laid down for itself (授权表).
type Authority interface {
	// MayDecide says for whom an actor, such as "staff:4f…", decides a case: "" is in their own right, and another is
	// whoever they are the deputy of (代理). Who may not is Forbidden: without the authority, or the asker.
	MayDecide(ctx context.Context, c Case, by string) (decidedFor string, err error)
}

// Judge asks an authority for whom a person decides a case; nil is that the matter's roles alone say who may. Its
// faults are those of Authority.MayDecide and Matter.MayDecide.
func Judge(ctx context.Context, a Authority, c Case, by Person) (decidedFor string, err error) {
	if a == nil {
		return "", c.Matter.MayDecide(c.Signatures, by)
	}
	return a.MayDecide(ctx, c, by.ID)
}
