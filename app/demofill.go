package app

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"linlipay/access"
	"linlipay/billing"
	"linlipay/payment/gateway"
	"linlipay/payment/sandbox"
	"linlipay/property"
)

// fill puts the made-up companies in, at the first start, and makes fresh pairing codes at each.
func (d demo) fill(ctx context.Context, a *App, bank *sandbox.Sandbox, stdout io.Writer) (demoFacts, error) {
	facts := demoFacts{BaseURL: a.cfg.BaseURL, WalletURL: bank.Credentials().ControlURL}
	var team []access.Staff
	for i, company := range demoCompanies() {
		if err := d.fillCompany(ctx, a, company, stdout); err != nil {
			return facts, err
		}
		if err := d.merchants(ctx, a, bank, company.id, i); err != nil {
			return facts, err
		}
		colleagues := demoColleagues(company)
		facts.Staff, team = append(facts.Staff, colleagues...), append(team, membersOf(colleagues)...)
	}
	if err := a.Access.AddTeam(ctx, team, demoPassword); err != nil {
		return facts, err
	}
	if err := d.people(ctx, a, &facts); err != nil {
		return facts, err
	}
	var err error
	if facts.APIKey, err = d.client(ctx, a); err != nil {
		return facts, err
	}
	return facts, d.write(facts)
}

// write writes the facts to demo.json.
func (d demo) write(facts demoFacts) error {
	raw, err := json.MarshalIndent(facts, "", "  ")
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(d.dir, "demo.json"), raw, 0o600)
}

// demoColleagues are a company's staff: two in finance, because whoever asks for a refund cannot approve it.
func demoColleagues(c demoCompany) []demoStaff {
	person := func(login, name string, role access.Role) demoStaff {
		return demoStaff{Login: c.id + "-" + login, Password: demoPassword, Name: c.name + name, Company: c.id,
			Roles: []access.Role{role}}
	}
	return []demoStaff{
		person("cashier", "收银", access.Cashier), person("finance", "财务", access.Finance),
		person("finance2", "财务二", access.Finance), person("operations", "运营", access.Operations),
		person("auditor", "审计", access.Auditor),
	}
}

func membersOf(colleagues []demoStaff) (members []access.Staff) {
	for _, c := range colleagues {
		members = append(members, access.Staff{Login: c.Login, Name: c.Name, Company: c.Company, Roles: c.Roles})
	}
	return members
}

// fillCompany imports a company's workbook and gives it its legal entities and regions, unless they are there.
func (d demo) fillCompany(ctx context.Context, a *App, c demoCompany, stdout io.Writer) error {
	if err := d.importWorkbook(ctx, a, c, stdout); err != nil {
		return err
	}
	return d.organise(ctx, a, c)
}

// importWorkbook imports a company's workbook unless it is there.
func (d demo) importWorkbook(ctx context.Context, a *App, c demoCompany, stdout io.Writer) error {
	have, err := a.Property.Communities(ctx, property.Scope{Company: c.id})
	if err != nil || len(have) > 0 {
		return err
	}
	file, err := d.open(c)
	if err != nil {
		return err
	}
	defer file.Close()
	if err := a.Property.AddCompany(ctx, c.id, c.name); err != nil {
		return err
	}
	report, err := a.Billing.Import(ctx, billing.ImportRequest{Scope: property.Scope{Company: c.id}}, file)
	if err != nil {
		return err
	}
	fmt.Fprintf(stdout, "%s: %s", c.name, report)
	return nil
}

// open opens a company's workbook.
func (d demo) open(c demoCompany) (*os.File, error) {
	path := filepath.Join(d.workbooks, c.workbook)
	file, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("the workbook %s is missing: make it with `go run ./scripts/workbook -out %s`: %w", path,
			d.workbooks, err)
	}
	return file, nil
}

// merchants gives a company its own accounts in the sandbox; a restart of the sandbox on other ports changes the
// addresses in them.
func (d demo) merchants(ctx context.Context, a *App, bank *sandbox.Sandbox, company string, i int) error {
	c, err := bank.Merchant(i)
	if err != nil {
		return err
	}
	for institution, at := range map[gateway.Institution]struct {
		name        string
		credentials any
	}{
		gateway.WeChat: {"微信支付商户号", c.Wechat}, gateway.Alipay: {"支付宝商户号", c.Alipay},
		gateway.Lakala:   {"拉卡拉商户号", c.Lakala},
		gateway.Shengpay: {"盛付通商户号", c.Shengpay}, gateway.Ruiyinxin: {"瑞银信商户号", c.Ruiyinxin},
	} {
		acc := gateway.Account{ID: company + "-" + string(institution), Name: at.name, Company: company,
			Institution: institution}
		if err := d.account(ctx, a, acc, at.credentials); err != nil {
			return err
		}
	}
	return nil
}

// account stores an account with credentials of the sandbox.
func (d demo) account(ctx context.Context, a *App, acc gateway.Account, credentials any) error {
	raw, err := json.Marshal(credentials)
	if err != nil {
		return err
	}
	if err := json.Unmarshal(raw, &acc.Settings); err != nil {
		return err
	}
	if acc.Settings["card_application"] != "" {
		acc.Settings["trust_device"] = "yes" // so that the demo shows provisional orders
	}
	return a.Accounts.Put(ctx, acc, time.Now())
}
