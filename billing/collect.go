package billing

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"linlipay/calendar"
	"linlipay/fault"
	"linlipay/money"
	"linlipay/payment"
	"linlipay/property"
)

// OrderBills is the most bills that one order pays for. Ours: all that a household owes fits, and the order stays one
// small document.
const OrderBills = 200

// Collect asks for an order over some bills of one unit.
type Collect struct {
	Unit    string
	Bills   []string
	Amount  money.Fen // in fen, to be paid towards the bills, the oldest first; 0 is all that is owed of them
	Deposit *Deposit  // TopUp: the deposit that is paid, nil where bills may be paid of it
	Former  []int     // a former owner asks, for bills of these tenures of theirs; nil for all others
	Origin  payment.Origin
	OnOpen  payment.OnOpen
	By      string // who asks, for the timeline
	Key     string // scope and Idempotency-Key
	KeyHash string
}

// collectTries bounds how many others may take the same parts first.
const collectTries = 20

// Collect makes an order for bills of one unit, or for parts of them. Bills of another unit, and an amount that is
// less than 1 or more than they owe, are Invalid, and bills that are paid are AlreadyPaid; see payment.Service.Create
// for the others.
func (s *Service) Collect(ctx context.Context, in Collect) (o *payment.Order, hit bool, err error) {
	unit, err := s.property.Unit(ctx, in.Unit)
	if err != nil {
		return nil, false, err
	}
	owed, err := s.unitBills(ctx, in)
	if err != nil {
		return nil, false, err
	}
	payer, err := payer(unit, in.Former, owed)
	if err != nil {
		return nil, false, err
	}
	entity, err := oneEntity(owed)
	if err != nil {
		return nil, false, err
	}
	if in.Amount < 0 {
		return nil, false, fault.New(fault.Invalid, "金额须大于 0。", "The amount is more than 0.").With("field", "amount")
	}
	n := payment.NewOrder{
		Company: unit.Company, Community: unit.Community, Entity: entity,
		Origin: in.Origin, OnOpen: in.OnOpen, By: in.By, IdempotencyKey: in.Key,
		KeyHash: in.KeyHash,
		Payer:   payer,
	}
	place := s.property.CommunityName(ctx, unit.Community)
	var taken error // by others, as the last try found
	for range collectTries {
		shares, err := s.shares(ctx, in, owed)
		if err == nil {
			err = s.numberParts(ctx, shares)
		}
		if err != nil { // unless it is a repeat of the request that paid them
			if first, again := s.payments.Repeated(ctx, n); first != nil || again != nil {
				return first, first != nil, again
			}
			return nil, false, err
		}
		items := itemsOf(shares)
		if taken != nil && slices.Equal(items, n.Items) { // nothing else has room
			return nil, false, taken
		}
		gaveWay := false
		inPart := slices.ContainsFunc(items, func(it payment.Item) bool { return it.Of > 0 })
		n.Items, n.Title = items, title(place, unit.Label, billsIn(shares), inPart)
		n.StillOwed = func(ctx context.Context, order string) error {
			err := s.stillOwed(ctx, shares, order)
			gaveWay = err != nil
			return err
		}
		o, hit, err := s.payments.Create(ctx, n)
		if gaveWay || !fault.Is(err, fault.OrderOpen) {
			return o, hit, err
		}
		taken = err
		if owed, err = s.unitBills(ctx, in); err != nil {
			return nil, false, err
		}
	}
	return nil, false, taken
}

// oneEntity is the legal entity to which all of some bills are owed: what is collected for a bill goes to whom it is
// owed, whoever the community belongs to by now. Bills of several are a fault: an order's money goes to one account.
func oneEntity(owed []*Bill) (string, error) {
	for _, b := range owed[1:] {
		if b.EntityID() != owed[0].EntityID() {
			return "", fault.New(fault.Invalid, "这些账单属于不同的收费公司，请分开缴纳。",
				"These bills are owed to different companies; pay them apart.")
		}
	}
	return owed[0].EntityID(), nil
}

// payer is who pays: the household, or the former owner whose the bills are.
func payer(u *property.Unit, tenures []int, owed []*Bill) (payment.Payer, error) {
	if tenures == nil {
		return payment.Payer{Unit: u.ID, Label: u.Label, Name: u.Owner, Phone: u.Phone, Tenure: u.Tenure}, nil
	}
	tenure := owed[0].Tenure
	f := u.InTenure(tenure)
	for _, b := range owed {
		if f == nil || !slices.Contains(tenures, b.Tenure) {
			return payment.Payer{}, fault.New(fault.NotFound, "记录不存在。", "There is no such record.")
		}
		if b.Tenure != tenure {
			return payment.Payer{},
				fault.New(fault.Invalid, "这些账单属于不同时期，请分开缴纳。", "These bills are of different times; pay them apart.")
		}
	}
	return payment.Payer{Unit: u.ID, Label: u.Label, Name: f.Owner, Phone: f.Phone, Tenure: tenure}, nil
}

// unitBills reads the bills asked for, in the order in which they are read; all must be of the unit. Whether they are
// paid is looked at once they are held.
func (s *Service) unitBills(ctx context.Context, in Collect) ([]*Bill, error) {
	if len(in.Bills) == 0 || len(in.Bills) > OrderBills {
		return nil, fault.New(fault.Invalid, fmt.Sprintf("请选择 1 至 %d 笔账单，其余账单请另行缴纳。", OrderBills),
			fmt.Sprintf("Choose between 1 and %d bills; pay the others after them.", OrderBills)).With("max_bills",
			OrderBills)
	}
	var bills []*Bill
	for _, id := range in.Bills {
		b, err := s.bills.Get(ctx, id)
		if err != nil {
			return nil, err
		}
		if b.Unit != in.Unit {
			return nil, fault.New(fault.Invalid, "账单不属于该房屋。", "The bill belongs to another unit.").With("bill", id)
		}
		bills = append(bills, b)
	}
	slices.SortStableFunc(bills, asRead)
	return bills, nil
}

// asRead orders bills as people read them, on pages and on paper: fee by fee, month after month.
func asRead(a, b *Bill) int {
	return cmp.Or(strings.Compare(a.Fee, b.Fee), strings.Compare(a.Period, b.Period))
}

// titleLength is how much of a title every institution shows, in characters: WeChat Pay takes 127 bytes of its
// description, which is the shortest (docs/institutions/wechat.md).
const titleLength = 40

// title is what the payer reads in the wallet, which shows nothing else: whose home, and what for, such as
// "锦绣江南 10栋 1单元 101 物业费 2026年11月等3项（部分）". Where that is too long, the community's name is cut, then the fee's: of a
// home and a month, a part is another one.
func title(community, label string, bills []*Bill, inPart bool) string {
	b := bills[0]
	rest := " " + calendar.InWords(b.Period, false)
	if len(bills) > 1 {
		rest += fmt.Sprintf("等%d项", len(bills))
	}
	if inPart {
		rest += "（部分）"
	}
	left := titleLength - length(label) - length(rest) - 2
	fee := shorten(b.Fee, max(left-length(community), min(left/2, 6)))
	community = shorten(community, left-length(fee))
	return strings.TrimSpace(community+" "+label+" "+fee) + rest
}

func length(text string) int { return utf8.RuneCountInString(text) }

// shorten cuts a text to at most so many characters, and shows that it did.
func shorten(text string, most int) string {
	switch list := []rune(text); {
	case len(list) <= most:
		return text
	case most < 2:
		return ""
	default:
		return string(list[:most-1]) + "…"
	}
}
