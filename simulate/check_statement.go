package simulate

import (
	"context"
	"fmt"

	"linlipay/billing"
	"linlipay/money"
	"linlipay/property"
)

// statementsClose has the product state what became of every unit's bills, whoever owes them: each statement closes
// with what they owe.
func (w *world) statementsClose(ctx context.Context, bills *billing.Service) {
	for _, u := range w.units {
		var owed money.Fen
		for _, status := range billing.BillStatuses() {
			some, err := bills.Bills(ctx, u.ID, status)
			if err != nil {
				w.violate("statement", "", err.Error())
			}
			for i := range some {
				owed += some[i].Owed()
			}
		}
		st, err := bills.Statement(ctx, &property.Home{Unit: *u}, u.Ownerships()[0], billing.Days{})
		if err != nil {
			w.violate("statement", "", err.Error())
		} else if st.Closing != owed {
			w.violate("statement", "", fmt.Sprintf("unit %s owes %s, and its statement closes with %s", u.ID, owed,
				st.Closing))
		}
	}
}
