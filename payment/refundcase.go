package payment

import "linlipay/approval"

// RefundKind is what a company's table of authority calls refunds.
const RefundKind = "refund"

// RefundCase is what a refund of the order decides over, for whoever says who may.
func (o *Order) RefundCase(r *Refund) approval.Case {
	return approval.Case{Matter: RefundMatter(), Kind: RefundKind, Company: o.Company, Community: o.Community,
		Amount: r.Amount, Signatures: r.Signatures}
}
