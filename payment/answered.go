package payment

import (
	"context"
	"slices"
)

// AnsweredRequest is a request that had its effect on an order or a notification, by its Idempotency-Key: sent again,
// it has none. Requests that make an attempt or a refund are known by what they made instead.
type AnsweredRequest struct {
	Key     string `json:"key"`               // scope and Idempotency-Key
	Hash    string `json:"hash"`              // of the request under Key
	Attempt int    `json:"attempt,omitempty"` // that it was handed, which another request had made
}

// requestKey is the context's key of the AnsweredRequest under way.
type requestKey struct{}

// WithRequest is a context under which a decision over money is written down with its Idempotency-Key, in the same
// write.
func WithRequest(ctx context.Context, key, hash string) context.Context {
	return context.WithValue(ctx, requestKey{}, AnsweredRequest{Key: key, Hash: hash})
}

// HasAnswered reports whether a request had its effect on the order already. Another request under its key is a
// KeyReused fault; without a key none had.
func (o *Order) HasAnswered(key, hash string) (bool, error) {
	hit, err := answered(o.Answered, key, hash)
	if !hit && (o.madeBy(key) || o.attemptOf(key) != nil || o.refundBy(key) != nil) {
		return false, keyReused()
	}
	return hit, err
}

// madeBy reports whether the order itself was made by the request under a key; "" is none.
func (o *Order) madeBy(key string) bool { return key != "" && o.IdempotencyKey == key }

// attemptOf is the attempt that the request under a key made, nil for none.
func (o *Order) attemptOf(key string) *Attempt {
	i := slices.IndexFunc(o.Attempts, func(a Attempt) bool { return key != "" && a.IdempotencyKey == key })
	if i < 0 {
		return nil
	}
	return &o.Attempts[i]
}

// refundBy is the refund that the request under a key made, nil for none.
func (o *Order) refundBy(key string) *Refund {
	i := slices.IndexFunc(o.Refunds, func(r Refund) bool { return key != "" && r.Key == key })
	if i < 0 {
		return nil
	}
	return &o.Refunds[i]
}

// answeredBy is what is written down of the request under a key, nil for nothing.
func (o *Order) answeredBy(key string) *AnsweredRequest {
	i := slices.IndexFunc(o.Answered, func(r AnsweredRequest) bool { return key != "" && r.Key == key })
	if i < 0 {
		return nil
	}
	return &o.Answered[i]
}

// HasAnswered reports whether a request had the message replayed already, as Order.HasAnswered does. Its fault is
// KeyReused.
func (c *Notification) HasAnswered(key, hash string) (bool, error) {
	return answered(c.Replayed, key, hash)
}

func answered(before []AnsweredRequest, key, hash string) (bool, error) {
	for _, r := range before {
		if key == "" || r.Key != key {
			continue
		}
		if r.Hash != hash {
			return false, keyReused()
		}
		return true, nil
	}
	return false, nil
}

// answer writes down that the request under way has its effect with this write.
func (o *Order) answer(ctx context.Context) { o.Answered = withRequest(ctx, o.Answered) }

// withRequest are requests with the one under way.
func withRequest(ctx context.Context, before []AnsweredRequest) []AnsweredRequest {
	r, keyed := ctx.Value(requestKey{}).(AnsweredRequest)
	if !keyed {
		return before
	}
	return append(before[:len(before):len(before)], r)
}
