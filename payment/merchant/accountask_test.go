package merchant_test

import (
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"linlipay/approval"
	"linlipay/audit"
	"linlipay/fault"
	"linlipay/payment/gateway"
	"linlipay/payment/merchant"
	"linlipay/seal"
)

// asked asks for a change on the account as it is now.
func (o *office) asked(id string, e merchant.AccountEdit) (merchant.AccountInfo, error) {
	o.t.Helper()
	s := o.process()
	now, err := s.Merchants().AccountInfo(o.t.Context(), "c", id)
	if err != nil {
		o.t.Fatal(err)
	}
	return s.Merchants().EditAccount(o.t.Context(), "c", id, e, merchant.Asker{By: maker, Revision: now.Revision})
}

// A new account takes part in nothing until another person has approved it: it takes no money, no message is believed
// by its keys, it cannot be enabled or disabled, and it keeps the server from nothing.
func TestANewAccountWaitsForAnotherPerson(t *testing.T) {
	o := newOffice(t)
	s := o.process()
	info, _, err := s.Merchants().AddAccount(t.Context(), entered(gateway.Alipay, o.credentials(gateway.Alipay)))
	if err != nil || info.Approved || info.Change.State != approval.Requested || len(info.Set) != 0 ||
		info.Trouble != nil {
		t.Fatalf("%+v, %v", info, err)
	}
	decide := func(by approval.Person, request string) error {
		_, err := s.Merchants().DecideAccount(t.Context(), "c", info.ID,
			approval.Decision{Request: request, Approve: true}, by)
		return err
	}
	of, ofErr := o.accounts.Of(t.Context(), "c")
	all, allErr := o.accounts.All(t.Context())
	_, getErr := o.accounts.Get(t.Context(), info.ID)
	_, testErr := s.Merchants().TestAccount(t.Context(), "c", info.ID)
	_, disableErr := s.Merchants().DisableAccount(t.Context(), "c", info.ID, "staff:1")
	_, enableErr := s.Merchants().AskToEnable(t.Context(), "c", info.ID,
		merchant.Asker{By: maker, Replaces: info.Change.ID})
	_, shellErr := s.Merchants().EnableFromShell(t.Context(), "c", info.ID)
	if len(of)+len(all) != 0 || ofErr != nil || allErr != nil || !fault.Is(getErr, fault.NotFound) ||
		!fault.Is(testErr, fault.WrongState) ||
		!fault.Is(disableErr, fault.WrongState) || !fault.Is(enableErr, fault.WrongState) || !fault.Is(shellErr,
		fault.WrongState) {
		t.Errorf("%d serve, %d in all; %v %v %v %v %v", len(of), len(all), getErr, testErr, disableErr, enableErr,
			shellErr)
	}
	checks, err := s.Merchants().TestChange(t.Context(), "c", info.ID, info.Change.ID)
	if err != nil || len(checks) != 5 || checks[1].State != merchant.CheckOK {
		t.Errorf("what waits was tested: %+v, %v", checks, err)
	}
	if infos, _, err := s.Merchants().WaitingAccounts(t.Context(), "c", "", 10); err != nil || len(infos) != 1 {
		t.Errorf("%d wait, %v", len(infos), err)
	}
	cashier := approval.Person{ID: "staff:3", Roles: []string{"cashier"}}
	// the same person, with every role
	again := approval.Person{ID: maker.ID, Roles: []string{"finance", "operations"}}
	if e1, e2, e3 := decide(maker, info.Change.ID), decide(again, info.Change.ID), decide(cashier,
		info.Change.ID); !fault.Is(e1, fault.Forbidden) ||
		!fault.Is(e2, fault.Forbidden) || !fault.Is(e3, fault.Forbidden) {
		t.Errorf("decided by one who may not: %v %v %v", e1, e2, e3)
	}
	if err := decide(checker, "another"); !fault.Is(err, fault.WrongState) {
		t.Errorf("another request than was seen: %v", err)
	}
	if err := decide(checker, info.Change.ID); err != nil {
		t.Fatal(err)
	}
	if err := decide(checker, info.Change.ID); !fault.Is(err, fault.WrongState) {
		t.Errorf("twice: %v", err)
	}
	info, err = s.Merchants().AccountInfo(t.Context(), "c", info.ID)
	if err != nil || !info.Approved || info.CreatedBy != maker.ID || info.Change.DecidedBy != checker.ID ||
		!info.ChangedAt.IsZero() {
		t.Errorf("%+v, %v", info, err)
	}
	if got := o.states(s, info.ID); !maps.Equal(got, allWell) {
		t.Errorf("approved: %v", got)
	}
	if infos, _, err := s.Merchants().WaitingAccounts(t.Context(), "c", "", 10); err != nil || len(infos) != 0 {
		t.Errorf("%d wait, %v", len(infos), err)
	}
	if text := stored(t, o.store); strings.Count(text, `"sealed"`) != 1 {
		t.Errorf("an ended request keeps settings: %s", text)
	}
}

// What is in force stays in force while a change waits, is refused, withdrawn or outdated.
func TestAChangeTakesEffectOnlyWhenApproved(t *testing.T) {
	o := newOffice(t)
	info := o.add(gateway.Alipay)
	next, fingerprint, _ := anotherKey(t)
	change := merchant.AccountEdit{Name: "停车费", Settings: map[string]string{"alipay_public_key_pem": next}}
	still := func(when string) {
		t.Helper()
		if got := o.states(o.process(), info.ID); !maps.Equal(got, allWell) {
			t.Errorf("%s: %v", when, got)
		}
	}
	waiting, err := o.asked(info.ID, change)
	if err != nil || waiting.Name != "物业费" || len(waiting.Change.Differences) != 2 {
		t.Fatalf("%+v, %v", waiting, err)
	}
	for _, d := range waiting.Change.Differences {
		if d.Field == "alipay_public_key_pem" && (d.After != fingerprint || d.Before == "" || d.Before == d.After) ||
			d.Field == "name" && d.Before+d.After != "物业费停车费" {
			t.Errorf("shown as %+v", d)
		}
	}
	still("while it waits")
	checks, err := o.process().Merchants().TestChange(t.Context(), "c", info.ID, waiting.Change.ID)
	if err != nil || checks[1].State != merchant.CheckFail {
		t.Errorf("a wrong key is not found before it is approved: %+v, %v", checks, err)
	}
	decision := approval.Decision{Request: waiting.Change.ID, Note: "公钥不对"}
	if _, err := o.process().Merchants().DecideAccount(t.Context(), "c", info.ID, decision, checker); err != nil {
		t.Fatal(err)
	}
	still("refused")

	waiting, err = o.asked(info.ID, change)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := o.process().Merchants().WithdrawAccount(t.Context(), "c", info.ID, waiting.Change.ID,
		checker); !fault.Is(err,
		fault.Forbidden) {
		t.Errorf("withdrawn by another: %v", err)
	}
	if _, err := o.process().Merchants().WithdrawAccount(t.Context(), "c", info.ID, waiting.Change.ID,
		maker); err != nil {
		t.Fatal(err)
	}
	still("withdrawn")

	waiting, err = o.asked(info.ID, change)
	if err != nil {
		t.Fatal(err)
	}
	other := change
	other.Name = "车位费"
	if _, err := o.asked(info.ID, other); !fault.Is(err, fault.WrongState) {
		t.Errorf("a second request beside the first: %v", err)
	}
	newer, err := o.process().Merchants().EditAccount(t.Context(), "c", info.ID, other, merchant.Asker{By: maker,
		Revision: info.Revision, Replaces: waiting.Change.ID})
	if err != nil || newer.Change.ID == waiting.Change.ID {
		t.Fatalf("%+v, %v", newer, err)
	}
	if _, err := o.process().Merchants().DecideAccount(t.Context(), "c", info.ID,
		approval.Decision{Request: waiting.Change.ID,
			Approve: true}, checker); !fault.Is(err, fault.WrongState) {
		t.Errorf("the replaced one was approved: %v", err)
	}
	// what it was asked on changes
	if _, err := o.process().Merchants().DisableAccount(t.Context(), "c", info.ID, "staff:3"); err != nil {
		t.Fatal(err)
	}
	outdated, err := o.process().Merchants().AccountInfo(t.Context(), "c", info.ID)
	if err != nil || !outdated.Change.Outdated {
		t.Errorf("%+v, %v", outdated.Change, err)
	}
	if _, err := o.process().Merchants().DecideAccount(t.Context(), "c", info.ID,
		approval.Decision{Request: newer.Change.ID,
			Approve: true}, checker); !fault.Is(err, fault.WrongState) {
		t.Errorf("approved although it changed since: %v", err)
	}
	if _, err := o.process().Merchants().EditAccount(t.Context(), "c", info.ID, other, merchant.Asker{By: maker,
		Revision: info.Revision, Replaces: newer.Change.ID}); !fault.Is(err, fault.Stale) {
		t.Errorf("asked on what was seen before: %v", err)
	}
	o.cfg.Now = func() time.Time { return time.Now().AddDate(0, 0, 8) }
	if _, err := o.process().Merchants().DecideAccount(t.Context(), "c", info.ID,
		approval.Decision{Request: newer.Change.ID,
			Note: "晚"}, checker); !fault.Is(err, fault.WrongState) {
		t.Errorf("decided after a week: %v", err)
	}
	if _, err := o.asked(info.ID, merchant.AccountEdit{Name: "物业费"}); !fault.Is(err, fault.Invalid) {
		t.Errorf("nothing was asked for: %v", err)
	}
}

// Of any number who decide and replace one request at once, one decides; what takes effect is what was decided.
func TestOneDecision(t *testing.T) {
	o := newOffice(t)
	info := o.add(gateway.Alipay)
	waiting, err := o.asked(info.ID, merchant.AccountEdit{Name: "停车费"})
	if err != nil {
		t.Fatal(err)
	}
	var done atomic.Int32
	var deciding sync.WaitGroup
	for i := range 8 {
		deciding.Go(func() {
			d := approval.Decision{Request: waiting.Change.ID, Approve: i%2 == 0, Note: "不"}
			_, err := o.process().Merchants().DecideAccount(t.Context(), "c", info.ID, d, checker)
			if err == nil {
				done.Add(1)
			} else if !fault.Is(err, fault.WrongState) {
				t.Error(err)
			}
		})
	}
	deciding.Wait()
	got, err := o.process().Merchants().AccountInfo(t.Context(), "c", info.ID)
	if err != nil || done.Load() != 1 || (got.Name == "停车费") != (got.Change.State == approval.Approved) {
		t.Errorf("%d decided; %+v, %v", done.Load(), got, err)
	}
}

// Whoever changes where requests go must have every secret; stored secrets never sign for a new address. A line is an
// edit.
func TestAChangedAddressNeedsTheSecrets(t *testing.T) {
	o := newOffice(t)
	asked := atomic.Int32{}
	other := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { asked.Add(1) }))
	defer other.Close()
	wechat, alipay := o.credentials(gateway.WeChat), o.credentials(gateway.Alipay)
	for name, c := range map[string]struct {
		institution gateway.Institution
		edit        merchant.AccountEdit
		field       string // that is missing; "" is taken
	}{
		"the address alone": {gateway.Alipay,
			merchant.AccountEdit{Settings: map[string]string{"base_url": other.URL}}, "private_key_pem"},
		"and the key": {gateway.Alipay,
			merchant.AccountEdit{Settings: map[string]string{"base_url": other.URL,
				"private_key_pem": alipay["private_key_pem"]}}, ""},
		"the address taken away": {gateway.Alipay, merchant.AccountEdit{Settings: map[string]string{"base_url": ""}},
			"private_key_pem"},
		"one secret of two": {gateway.WeChat,
			merchant.AccountEdit{Settings: map[string]string{"base_url": other.URL,
				"private_key_pem": wechat["private_key_pem"]}}, "apiv3_key"},
		"OAuth's address": {gateway.WeChat,
			merchant.AccountEdit{Settings: map[string]string{"oauth_base_url": other.URL}}, "private_key_pem"},
		"as a rotation": {gateway.Alipay, merchant.AccountEdit{Rotate: true,
			Settings: map[string]string{"base_url": other.URL, "private_key_pem": alipay["private_key_pem"]}},
			"base_url"},
		"the same address": {gateway.Alipay, merchant.AccountEdit{Name: "x",
			Settings: map[string]string{"base_url": alipay["base_url"]}}, ""},
		"the institution's key alone": {gateway.Alipay, merchant.AccountEdit{Name: "x",
			Settings: map[string]string{"alipay_public_key_pem": alipay["alipay_public_key_pem"]}}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			acc := gateway.Account{ID: "a" + name, Company: "c", Institution: c.institution,
				Settings: o.credentials(c.institution)}
			if c.institution == gateway.WeChat {
				acc.Settings["app_secret"] = "" // the two secrets that remain are those that are required
			}
			if err := o.accounts.Put(t.Context(), acc, time.Now()); err != nil {
				t.Fatal(err)
			}
			info, err := o.asked(acc.ID, c.edit)
			if c.field == "" {
				if err != nil {
					t.Fatal(err)
				}
				return
			}
			if !fault.Is(err, fault.Invalid) || !strings.Contains(err.Error(), c.field) {
				t.Fatalf("%+v, %v", info.Change, err)
			}
		})
	}
	if asked.Load() != 0 {
		t.Errorf("the other address was asked %d times", asked.Load())
	}
}

// Requests go to the institution's hosts alone: each line is an address, and whether it is taken in production.
func TestOnlyTheInstitutionsHosts(t *testing.T) {
	o := newOffice(t)
	o.cfg.Sandbox = false
	good := o.credentials(gateway.WeChat)
	delete(good, "oauth_base_url")
	hosts, err := gateway.ParseHosts("wechat=gw.example.com,wechat=gw.example.com:8443,alipay=ali.example.com")
	if err != nil {
		t.Fatal(err)
	}
	o.cfg.Hosts = hosts
	for address, taken := range map[string]bool{
		"https://api.mch.weixin.qq.com": true, "https://API.mch.weixin.qq.com": true,
		"https://api2.mch.weixin.qq.com/": true, "https://gw.example.com": true, "https://gw.example.com:8443": true,
		"": true,

		"https://evil.example": false, "https://api.mch.weixin.qq.com.evil.example": false,
		"https://api.mch.weixin.qq.com:8443": false, "https://ali.example.com": false,
		"https://openapi.alipay.com/gateway.do": false, "https://evil.example/api.mch.weixin.qq.com": false,
		"https://api.mch.weixin.qq.com@evil.example": false,
		"https://evil.example#api.mch.weixin.qq.com": false, "http://api.mch.weixin.qq.com": false,
		"https://203.0.113.5": false,
		"https://LOCALHOST":   false, "https://0.0.0.0": false, "https://[::]": false, "https://2130706433": false,
		"https://127.1": false, "http://127.0.0.1:9": false, "https://10.0.0.1": false,
	} {
		settings := maps.Clone(good)
		settings["base_url"] = address
		_, _, err := o.process().Merchants().AddAccount(t.Context(), entered(gateway.WeChat, settings))
		if (err == nil) != taken || err != nil && (!fault.Is(err, fault.Invalid) || !strings.Contains(err.Error(),
			"base_url") && !strings.Contains(err.Error(), "sandbox")) {
			t.Errorf("%q: %v", address, err)
		}
	}
	// One that was stored before, or under other hosts, is told of and is not asked by its test.
	settings := maps.Clone(good)
	settings["base_url"] = "https://evil.example"
	if err := o.accounts.Put(t.Context(), gateway.Account{ID: "old", Company: "c", Institution: gateway.WeChat,
		Settings: settings}, time.Now()); err != nil {
		t.Fatal(err)
	}
	checks, err := o.process().Merchants().TestAccount(t.Context(), "c", "old")
	if err != nil || checks[0].State != merchant.CheckFail || checks[1].Name == merchant.CheckQuery ||
		!strings.Contains(checks[0].EN, "LINLIPAY_INSTITUTION_HOSTS") {
		t.Errorf("%+v, %v", checks, err)
	}
}

// What the shell stores counts as asked and approved, is recorded as the command line's, and outdates what waits;
// storing the same again changes nothing.
func TestTheShellCountsAsBoth(t *testing.T) {
	o := newOffice(t)
	acc := gateway.Account{ID: "s", Company: "c", Institution: gateway.Alipay, Settings: o.credentials(gateway.Alipay)}
	put := func() merchant.AccountInfo {
		t.Helper()
		if err := o.accounts.Put(t.Context(), acc, time.Now()); err != nil {
			t.Fatal(err)
		}
		info, err := o.process().Merchants().AccountInfo(t.Context(), "c", "s")
		if err != nil {
			t.Fatal(err)
		}
		return info
	}
	if info := put(); !info.Approved || info.CreatedBy != approval.CommandLine {
		t.Errorf("%+v", info)
	}
	if _, err := o.asked("s", merchant.AccountEdit{Name: "停车费"}); err != nil {
		t.Fatal(err)
	}
	if info := put(); info.Change.Outdated || info.Revision != 0 || !info.ChangedAt.IsZero() {
		t.Errorf("the same again: %+v", info)
	}
	acc.Settings["app_id"] = "2021000000000009"
	if info := put(); !info.Change.Outdated || info.ChangedBy != approval.CommandLine || info.Revision != 1 {
		t.Errorf("changed: %+v", info)
	}
}

// Whatever is done with accounts and routes stands in the audit log, with who, before and after, and no secret.
func TestTheAuditLogHasWhatWasDone(t *testing.T) {
	o := newOffice(t)
	if err := o.store.Ensure(t.Context(), audit.Schemas()...); err != nil {
		t.Fatal(err)
	}
	box, err := seal.New(seal.NewKey())
	if err != nil {
		t.Fatal(err)
	}
	s := o.process()
	log := audit.NewService(o.store, box, time.Now, o.cfg.Log)
	log.Attach(s.Outboxes()...)
	info := o.add(gateway.WeChat)
	if info, err = o.asked(info.ID, merchant.AccountEdit{Name: "物业费",
		Settings: map[string]string{"apiv3_key": strings.Repeat("n", 32), "mchid": "1900000009"}}); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Merchants().WithdrawAccount(t.Context(), "c", info.ID, info.Change.ID, maker); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Merchants().DisableAccount(t.Context(), "c", info.ID, maker.ID); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Merchants().EnableFromShell(t.Context(), "c", info.ID); err != nil {
		t.Fatal(err)
	}
	acc := gateway.Account{ID: "shell", Company: "c", Institution: gateway.WeChat,
		Settings: o.credentials(gateway.WeChat)}
	for range 2 {
		if err := o.accounts.Put(t.Context(), acc, time.Now()); err != nil {
			t.Fatal(err)
		}
		acc.Settings["mchid"] = "1900000008"
	}
	ways := []merchant.Route{
		{PaymentMethod: gateway.PaymentMethod{Wallet: gateway.WalletWeChat, Method: gateway.Native},
			Accounts: []string{"shell"}}}
	r, err := s.Merchants().AskRoutes(t.Context(), merchant.Routes{Company: "c", PaymentMethods: ways},
		merchant.Asker{By: maker})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.Merchants().DecideRoutes(t.Context(), "c", "",
		approval.Decision{Request: r.Request.ID, Approve: true},
		checker); err != nil {
		t.Fatal(err)
	}
	if _, err := log.Settle(t.Context()); err != nil {
		t.Fatal(err)
	}
	page, _, err := log.Find(t.Context(), audit.Filter{Company: "c", Limit: 50})
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]audit.Event{}
	for _, e := range page {
		got[e.Actor+" "+string(e.Verb)] = e
	}
	for _, want := range []string{
		"staff:1 account.requested", "staff:2 account.approved", "staff:1 account.withdrawn",
		"staff:1 account.disabled",
		"shell account.enabled",
		"shell account.added", "shell account.changed", "staff:1 routes.requested", "staff:2 routes.approved",
	} {
		if _, ok := got[want]; !ok {
			t.Errorf("%s is missing in %v", want, slices.Collect(maps.Keys(got)))
		}
	}
	credentials := o.credentials(gateway.WeChat)
	asked, routes := got["staff:1 account.withdrawn"], got["staff:2 routes.approved"]
	if asked.Before["mchid"] != credentials["mchid"] || asked.After["mchid"] != "1900000009" ||
		asked.After["apiv3_key"] != "*" || asked.After["request"] != info.Change.ID {
		t.Errorf("withdrawn: %+v", asked)
	}
	if routes.After["wechat native"] != "shell" || routes.Object != "routes:c/" {
		t.Errorf("routes: %+v", routes)
	}
	text := fmt.Sprintf("%+v", page)
	for _, secret := range []string{credentials["apiv3_key"], strings.Repeat("n", 32),
		strings.Split(credentials["private_key_pem"], "\n")[1], "物业费"} {
		if strings.Contains(text, secret) {
			t.Errorf("%q stands in the audit log", secret)
		}
	}
}
