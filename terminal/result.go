package terminal

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"linlipay/fault"
)

// Result is what an acquirer's application handed back on a device, for a payment or a void. The device keeps it
// until the server has it, and signs it anew each time that it sends it.
type Result struct {
	Number   string // out_trade_no, or out_refund_no of a void
	SignedAt int64  // seconds: when it is sent, by the server's clock as far as the device knows it
	ReadAt   int64  // seconds: when the application handed it back, by the device's own clock, which may say anything
	Fields   map[string]string
}

// Text is what the device with the id signs: a line for each part and each field, in the order of the names' bytes. A
// backslash, a line's end and, in a name, an equals sign are written with a backslash before them (a line's end as
// \n), so that no two results read alike.
func (r Result) Text(id string) []byte {
	text := fmt.Appendf(nil, "linlipay-device-result\n%s\n%s\n%d\n%d\n", id, r.Number, r.SignedAt, r.ReadAt)
	value := strings.NewReplacer(`\`, `\\`, "\n", `\n`)
	name := strings.NewReplacer(`\`, `\\`, "\n", `\n`, "=", `\=`)
	for _, field := range slices.Sorted(maps.Keys(r.Fields)) {
		text = fmt.Appendf(text, "%s=%s\n", name.Replace(field), value.Replace(r.Fields[field]))
	}
	return text
}

// VerifyResult accepts a device's signature over a result's Text. One that does not verify is a Forbidden fault; one
// that was not made now is an Invalid fault whose detail server_time lets the device sign anew. How old the result
// itself is does not matter.
func (s *Service) VerifyResult(ctx context.Context, id string, r Result, signature []byte) error {
	t, err := s.terminals.Get(ctx, id)
	if err != nil {
		return err
	}
	if !t.signed(r.Text(id), signature) {
		return fault.New(fault.Forbidden, "设备签名未通过校验。", "The device's signature does not verify.")
	}
	if now := s.now(); now.Sub(time.Unix(r.SignedAt, 0)).Abs() > window {
		return wrongClock(fault.Invalid, now)
	}
	return nil
}
