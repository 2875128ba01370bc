package billing

import (
	"context"
	"fmt"

	"linlipay/calendar"
)

// again says what became of a bill that is there already. It is unchanged only where the row says nothing else of it.
func (s *Service) again(ctx context.Context, in *intake, b *readBill, have *Bill) error {
	row := b.bill
	switch {
	case b.none && have.Status == PaidBill:
		b.row.done(Repeated, Repeated, b)
	case b.none:
		b.about(colAmount)
		b.differs(fmt.Sprintf("该账单已有，还欠 %s，表中写着没有要交的，未更改", have.Owed()),
			fmt.Sprintf("the bill is there with %s owed, by the row nothing is; it was not changed", have.Owed()))
	case have.Billed() != row.Amount && have.Revision() > 0:
		b.about(colAmount)
		b.differs(fmt.Sprintf("该账单已更正为 %s，表中为 %s，未更改", have.Billed(), row.Amount),
			fmt.Sprintf("the bill was corrected to %s, the row has %s; it was not changed", have.Billed(), row.Amount))
	case have.Billed() != row.Amount:
		b.about(colAmount)
		b.differs(fmt.Sprintf("该账单已有，金额为 %s，表中为 %s，未更改；要改金额请先作更正", have.Amount, row.Amount),
			fmt.Sprintf("the bill is there with %s, the row has %s; it was not changed", have.Amount, row.Amount))
	case row.Status == PaidBill && have.Status == Unpaid:
		return s.nowPaid(ctx, in, b, have)
	case row.Status == Unpaid && have.PaidBy == Imported:
		b.about(colStatus)
		b.differs("该账单先前按已缴导入，表中为未缴，未更改", "the bill came in as paid, the row has it unpaid; it was not changed")
	case have.paidHere() && row.Status == PaidBill && !row.PaidAt.IsZero() &&
		calendar.Day(row.PaidAt) != calendar.Day(have.PaidAt):
		b.about(colPaidAt)
		b.warn(fmt.Sprintf("已于 %s 通过本系统缴清，表中缴费日期为 %s，请核对是否缴了两次", calendar.Day(have.PaidAt), calendar.Day(row.PaidAt)),
			fmt.Sprintf("it was paid here on %s, the row has %s; look whether it was paid twice",
				calendar.Day(have.PaidAt),
				calendar.Day(row.PaidAt)))
		b.row.done(Repeated, Repeated, b)
	case b.due && have.DueDate != row.DueDate:
		b.about(colDue)
		b.differs(fmt.Sprintf("该账单已有，截止日期为 %s，表中为 %s，未更改", have.DueDate, row.DueDate),
			fmt.Sprintf("the bill is there, due %s, the row has %s; it was not changed", have.DueDate, row.DueDate))
	case row.Status == Unpaid && have.Status == PaidBill:
		b.warn("已通过本系统缴清", "it was paid here")
		b.row.done(Repeated, Repeated, b)
	default:
		b.row.done(Repeated, Repeated, b)
	}
	return nil
}

// paidHere reports whether an order paid the bill.
func (b *Bill) paidHere() bool { return b.Status == PaidBill && b.PaidBy != Imported }

// nowPaid is a bill that is owed here and paid by the workbook: taken on demand where nothing of it was collected,
// nothing is being collected, and nobody begins to before it is paid.
func (s *Service) nowPaid(ctx context.Context, in *intake, b *readBill, have *Bill) error {
	b.about(colStatus)
	asPaid := func(why, en string) {
		b.differs(fmt.Sprintf("该账单在系统中未缴（欠 %s），表中为已缴%s", have.Owed(), why),
			fmt.Sprintf("the bill is owed here (%s), the row has it paid%s", have.Owed(), en))
	}
	holders, _, err := s.OpenOrders(ctx, have)
	switch {
	case err != nil:
		return err
	case have.Owed() != have.Billed():
		asPaid("；系统已收过一部分，不能按已缴导入", "; a part was collected here, so that it cannot be taken as paid")
		return nil
	case len(holders) > 0:
		asPaid("；有订单 "+holders[0]+" 正在收款，不能按已缴导入",
			"; order "+holders[0]+" is collecting it, so that it cannot be taken as paid")
		return nil
	case !in.how.takes(TakePaid):
		asPaid("；核实后可勾选「按已缴更新」再导入，否则会再收一次", "; unless it is taken as paid it will be collected again")
		b.row.Take = TakePaid
		return nil
	case in.how.Trial:
	default:
		if marked, err := s.MarkPaid(ctx, b.bill.ID, b.bill.Amount, b.bill.PaidAt); err != nil {
			return err
		} else if !marked {
			asPaid("；此刻有人正在付款，没有更改", "; somebody is paying it now, so that it was not changed")
			return nil
		}
	}
	b.warn("原为未缴，按已缴更新", "was owed, and is now paid by the workbook")
	b.row.done(Warned, Warned, b)
	return nil
}
