package wechat

import (
	"context"
	"errors"

	"github.com/go-pay/gopay"
	gp "github.com/go-pay/gopay/wechat/v3"

	"linlipay/payment/gateway"
)

// answer is what the institution answered to one question, signed or not.
type answer struct {
	gateway.Fields       // of the body
	unread         error // why the body is no object that can be read
	unsigned       error // nil when the institution's signature verified
	status         int   // gp.Success is the one that the question expects
}

// question asks the institution by gopay, and returns the status that gopay tells of the answer: gp.Success, or that of
// HTTP.
type question func(ctx context.Context) (status int, err error)

// ask has gopay ask a question, and reads the answer from its raw bytes. gopay's structs do not tell what was left out
// from what is zero, take any of two values that stand under one name, and cannot be read at all over a detail of
// another type: that the status was a 200 is all that is learnt then.
func ask(ctx context.Context, q question) (answer, error) {
	ctx, v := gateway.WithVerdict(ctx)
	status, err := q(ctx)
	if err != nil && !errors.Is(err, gopay.UnmarshalErr) {
		return answer{}, gateway.NoAnswer(err)
	}
	a := answer{unsigned: v.Err, status: status}
	a.Fields, a.unread = gateway.ReadFields(v.Body)
	return a, nil
}

// judge turns an answer into nil or a Error. A success without a valid signature is no success; an error without
// one says so.
func (a answer) judge(op operation) error {
	if a.status == gp.Success && a.unsigned != nil {
		return gateway.AsIndeterminate(a.unsigned)
	}
	if a.status == gp.Success {
		return nil
	}
	return a.failure(op)
}

// failure is what an answer says that is no success.
func (a answer) failure(op operation) error {
	code := a.Text("code")
	failed := &gateway.Error{
		Kind: kind(op, a.status, code), Signed: a.unsigned == nil, Code: code, Message: a.Text("message"),
		Cause: a.unsigned,
	}
	if failed.Kind == gateway.Declined {
		failed.Reason = why(op, code)
	}
	return failed
}

// read asks a question whose success is told in a body.
func read(ctx context.Context, op operation, q question) (gateway.Fields, error) {
	a, err := ask(ctx, q)
	if err != nil {
		return gateway.Fields{}, err
	}
	if err := a.judge(op); err != nil {
		return gateway.Fields{}, err
	}
	if a.unread != nil {
		return gateway.Fields{}, gateway.AsIndeterminate(a.unread)
	}
	return a.Fields, nil
}
