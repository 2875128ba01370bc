package simulate

import (
	"strings"

	"linlipay/store"
)

func ledgerMutations() []Mutation {
	return []Mutation{
		spoil("block-dropped", "a block of the ledger is acknowledged and not written",
			func(w *world, _ *process, _ port, c string, d store.Doc, _ bool, write func(store.Doc) error) error {
				if c == "ledger" && w.sched.odds(100) {
					return nil
				}
				return write(d)
			}),
		spoil("block-doubled", "a block's lines may be written again in another block",
			func(_ *world, _ *process, _ port, c string, d store.Doc, _ bool, write func(store.Doc) error) error {
				if c == "ledger" {
					d = without(d, "line")
				}
				return write(d)
			}),
		spoil("block-spoiled", "a line of the ledger is written with another amount",
			func(w *world, _ *process, _ port, c string, d store.Doc, _ bool, write func(store.Doc) error) error {
				if c == "ledger" && w.sched.odds(50) {
					d.Body = []byte(strings.Replace(string(d.Body), `"amount":`, `"amount":1`, 1))
				}
				return write(d)
			}),
	}
}
