package payment

import "linlipay/approval"

// RefundKind is what a company's table of authority calls refunds.
const RefundKind = "refund"

// RefundCase is what a refund of the order decides over, for whoever says who may: of an amount that goes back in
// pieces, those that were approved before, too.
func (o *Order) RefundCase(r *Refund) approval.Case {
	amount := r.Amount
	for i := range o.Refunds {
		if other := &o.Refunds[i]; other.No != r.No && other.RequestedBy != "" && !other.Foreign && other.alive() &&
			other.Status != RefundRequested {
			amount += other.Amount // bounded by what was received
		}
	}
	return approval.Case{Matter: RefundMatter(), Kind: RefundKind, Company: o.Company, Community: o.Community,
		Amount: amount, Signatures: r.Signatures}
}
