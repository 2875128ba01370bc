package billing

import "linlipay/money"

// taxes are what a row says of the tax within its amount: books of companies that invoice have 税额 and 不含税金额 beside
// what is owed.
type taxes map[charge]taxAmount

type taxAmount struct {
	extra
	amount money.Fen
}

// against holds a row's taxes against its bill: the tax and what is left without it are its amount. A tax alone does
// not say whether the amount has it.
func (t taxes) against(into *readBill) *problem {
	part, known := t[tax]
	rest, parted := t[untaxed]
	whole, err := part.amount.Add(rest.amount)
	switch {
	case known && parted && (err != nil || whole != into.bill.Amount):
		return rest.refuses(into, rest.amount, "加上税额不等于应收，不知道该收多少；请让应收等于含税的金额",
			"with the tax it is not the amount; let the amount be what is owed with its tax")
	case known && !parted && part.amount != 0:
		return part.refuses(into, part.amount, "看不出应收是否含税；请让应收等于含税的金额，并清空这一格或加一列不含税金额",
			"it does not say whether the amount has the tax; let it, and clear the cell or add what is left without it")
	case parted && !known && rest.amount > into.bill.Amount:
		return rest.refuses(into, rest.amount, "比应收还多，不知道该收多少；请让应收等于含税的金额",
			"more than the amount; let the amount be what is owed with its tax")
	}
	return nil
}
