package access

import (
	"fmt"
	"regexp"
	"strings"
	"unicode/utf8"

	"linlipay/fault"
)

// Bounds of an organisation. Its document is read often.
const (
	mostEntities = 200
	mostRegions  = 200
	mostStays    = 50 // of one community
	mostAccounts = 20 // at banks, of one entity
	mostName     = 60 // characters
)

var (
	series = regexp.MustCompile(`^[A-Z0-9]{1,6}$`)
	books  = regexp.MustCompile(`^[A-Za-z0-9._-]{1,20}$`)
	number = regexp.MustCompile(`^[0-9]{8,30}$`)
)

func wrong(field, zh, en string) error { return fault.New(fault.Invalid, zh, en).With("field", field) }

// check is the Invalid fault of what no organisation can be. It looks at the whole of it, whatever has changed.
func (o *Organisation) check() error {
	if len(o.Entities) > mostEntities || len(o.Regions) > mostRegions {
		return wrong("name", "公司主体或区域过多。", "There are too many entities or regions.")
	}
	for i, e := range o.Entities {
		if err := e.check(i == 0); err != nil {
			return err
		}
		for _, other := range o.Entities[:i] {
			if err := e.apart(other); err != nil {
				return err
			}
		}
	}
	for i, r := range o.Regions {
		if err := checkNamed(r.Name, r.From, r.To); err != nil {
			return err
		}
		for _, other := range o.Regions[:i] {
			if other.Name == r.Name {
				return wrong("name", "已有同名的区域。", "There is a region of that name already.")
			}
		}
	}
	for _, p := range o.Places {
		if err := o.checkPlace(p); err != nil {
			return err
		}
	}
	if err := o.Authority.check(); err != nil {
		return err
	}
	return o.Settings.check()
}

func checkNamed(name string, from, to Day) error {
	switch {
	case strings.TrimSpace(name) != name || name == "" || utf8.RuneCountInString(name) > mostName:
		return wrong("name", fmt.Sprintf("请填写名称，最多 %d 个字。", mostName),
			fmt.Sprintf("A name has 1 to %d characters.", mostName))
	case !from.valid() || from != "" && to != "" && from > to:
		return wrong("from", "开始日期须为日期，且不晚于结束日期。", "The first day is a day, and not after the last.")
	case !to.valid():
		return wrong("to", "结束日期须为日期。", "The last day is a day.")
	}
	return nil
}

// check is the fault of an entity by itself. The first, which a company begins with, may lack a tax number until
// somebody says it, and cannot close: communities that nobody has placed are its.
func (e LegalEntity) check(first bool) error {
	if err := checkNamed(e.Name, e.From, e.To); err != nil {
		return err
	}
	switch {
	case e.Kind != Corporation && e.Kind != Branch:
		return wrong("kind", "请选择法人或分公司。", "It is a corporation or a branch.")
	case first && e.To != "":
		return wrong("to", "公司的第一个主体不能停用：未指定主体的小区属于它。",
			"A company's first entity cannot close: communities that nobody has placed are its.")
	case utf8.RuneCountInString(e.Seal) > mostName:
		return wrong("seal", "印章文字过长。", "The text of the seal is too long.")
	case e.Series != "" && !series.MatchString(e.Series):
		return wrong("series", "票据号段须为 1 至 6 个大写字母或数字。", "A receipt series is 1 to 6 capitals or figures.")
	case e.Books != "" && !books.MatchString(e.Books):
		return wrong("books", "账套代码须为 1 至 20 个字母、数字或 . _ -。",
			"A set of books is 1 to 20 letters, figures or . _ -.")
	case len(e.Accounts) > mostAccounts:
		return wrong("accounts", "银行账户过多。", "There are too many bank accounts.")
	}
	for _, a := range e.Accounts {
		if !number.MatchString(a.Number) || a.Bank == "" || utf8.RuneCountInString(a.Bank) > mostName {
			return wrong("accounts", "银行账户须有开户行和 8 至 30 位数字账号。",
				"A bank account has its bank, and a number of 8 to 30 figures.")
		}
	}
	if e.TaxNumber == "" && first {
		return nil
	}
	return CheckCreditCode(e.TaxNumber)
}

// apart is the fault of two entities that share what only one has.
func (e LegalEntity) apart(other LegalEntity) error {
	taken := func(a, b string) bool { return a != "" && a == b }
	switch {
	case e.Name == other.Name:
		return wrong("name", "已有同名的公司主体。", "There is a legal entity of that name already.")
	case taken(e.TaxNumber, other.TaxNumber):
		return wrong("tax_number", "该统一社会信用代码已属于"+other.Name+"。", "That code is another entity's already.")
	case taken(e.Series, other.Series):
		return wrong("series", "该票据号段已属于"+other.Name+"。", "That receipt series is another entity's already.")
	case taken(e.Books, other.Books):
		return wrong("books", "该账套已属于"+other.Name+"。", "Those books are another entity's already.")
	}
	return nil
}

// checkPlace is the fault of a community that would belong where it cannot: to what there is not, before it began or
// after it closed.
func (o *Organisation) checkPlace(p Place) error {
	if len(p.Entities) > mostStays || len(p.Regions) > mostStays {
		return wrong("from", "该小区的变更次数过多。", "That community has moved too often.")
	}
	for i, s := range p.Entities {
		e := o.Entity(s.Of)
		if e == nil {
			return wrong("entity", "没有这个公司主体。", "There is no such legal entity.")
		}
		if err := inside(s, last(p.Entities, i), e.From, e.To, "entity", e.Name); err != nil {
			return err
		}
	}
	for i, s := range p.Regions {
		r := o.Region(s.Of)
		if s.Of == "" {
			continue
		}
		if r == nil {
			return wrong("region", "没有这个区域。", "There is no such region.")
		}
		if err := inside(s, last(p.Regions, i), r.From, r.To, "region", r.Name); err != nil {
			return err
		}
	}
	return ordered(p)
}

// inside is the fault of a stay that goes beyond what it is in. One without a beginning is as old as that.
func inside(s Stay, end, from, to Day, field, name string) error {
	if s.From != "" && s.From < from {
		return wrong(field, name+"自 "+string(from)+" 起才有效。", name+" begins on "+string(from)+".")
	}
	if to != "" && (end == "" || end > to) {
		return wrong(field, name+"的最后一天是 "+string(to)+"，请先为其小区另行指定。",
			name+" ends on "+string(to)+": place its communities elsewhere first.")
	}
	return nil
}

// ordered is the fault of stays that do not follow each other.
func ordered(p Place) error {
	for _, stays := range [][]Stay{p.Entities, p.Regions} {
		for i, s := range stays {
			if !s.From.valid() || i > 0 && s.From <= stays[i-1].From {
				return wrong("from", "日期须晚于上一次变更。", "The day must be after the change before it.")
			}
		}
	}
	return nil
}
