package app

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
	driver "go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"linlipay/access"
	"linlipay/audit"
	"linlipay/billing"
	"linlipay/mongo/mongotest"
	"linlipay/payment"
	"linlipay/property"
	"linlipay/seal"
	"linlipay/store"
	"linlipay/workbook"
)

// The people of these tests; each of these texts is of one, and of nothing else.
const secretPeople = 6

func secretName(n int) string  { return "欧阳" + string([]rune("春夏秋冬晨暮")[n]) + "霖" }
func secretPhone(n int) string { return fmt.Sprintf("1372468%04d", 1357+n) }

// ofPersons are all texts that nobody may find in a store.
func ofPersons() (all []string) {
	for n := range secretPeople {
		all = append(all, secretName(n), secretPhone(n))
	}
	for _, c := range demoCompanies() {
		for _, m := range demoColleagues(c) {
			all = append(all, m.Login, m.Name)
		}
	}
	return append(all, payerReason, typedHome, "sandboxpayer0001", "2088000000000001", "138****0001")
}

const (
	payerReason = "退给住户的妹妹端木蓉"
	typedHome   = "上官雪莲家13724680000" // in the place of a room's number
)

func secretRows(community string) [][]any {
	rows := [][]any{{"小区", "楼栋", "单元", "房号", "业主", "手机", "费用项目", "账期", "金额"}}
	for n := range secretPeople {
		for month := range 6 {
			rows = append(rows, []any{community, "1栋", "1单元", fmt.Sprint(101 + n), secretName(n), secretPhone(n),
				"物业费", fmt.Sprintf("2026-%02d", month+1), "1.23"})
		}
	}
	return rows
}

// kept is everything that a store at an address keeps: each file of SQLite's directory, or each document of MongoDB.
func kept(t *testing.T, address string) map[string][]byte {
	t.Helper()
	if dir, ok := sqliteDir(address); ok {
		return filesOf(t, dir)
	}
	client, err := driver.Connect(options.Client().ApplyURI(address))
	if err != nil {
		t.Fatal(err)
	}
	defer client.Disconnect(context.Background())
	all := map[string][]byte{}
	names, err := client.ListDatabaseNames(t.Context(), bson.D{})
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range names {
		collections, err := client.Database(name).ListCollectionNames(t.Context(), bson.D{})
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range collections {
			found, err := client.Database(name).Collection(c).Find(t.Context(), bson.D{})
			if err != nil {
				t.Fatal(err)
			}
			for found.Next(t.Context()) {
				all[name+"."+c] = append(all[name+"."+c], found.Current...)
			}
		}
	}
	return all
}

func filesOf(t *testing.T, dir string) map[string][]byte {
	t.Helper()
	all := map[string][]byte{}
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		all[path], err = os.ReadFile(path)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// nobodyIn fails where a text of a person stands in something that is kept. It says how many hold a text that is of
// nobody, so that a look that looks at nothing is seen.
func nobodyIn(t *testing.T, all map[string][]byte, known string) {
	t.Helper()
	seen := 0
	for where, raw := range all {
		for _, text := range ofPersons() {
			if at := bytes.Index(raw, []byte(text)); at >= 0 {
				t.Errorf("%s holds %s: %.200q", where, text, raw[max(0, at-80):])
			}
		}
		if bytes.Contains(raw, []byte(known)) {
			seen++
		}
	}
	if seen == 0 {
		t.Errorf("%q is nowhere: nothing was looked at", known)
	}
}

// A day in the demo, and then a look at all that it left in the store, while it runs and in a backup: no phone, no
// name, no wallet's payer. All the same, people are found by each of what they were found by before.
func TestNobodyIsFoundInAStore(t *testing.T) {
	for name, address := range map[string]func() string{
		"sqlite":  func() string { return "sqlite:" + t.TempDir() },
		"mongodb": func() string { return mongotest.Start(t) },
	} {
		t.Run(name, func(t *testing.T) {
			books, dir, address := t.TempDir(), t.TempDir(), address()
			for _, c := range demoCompanies() {
				writeSheet(t, filepath.Join(books, c.workbook), secretRows(c.name+"小区"))
			}
			facts := startDemo(t, address, dir, books)
			secretDay(t, facts)
			known := demoCompanies()[0].name + "小区"
			nobodyIn(t, kept(t, address), known)
			if _, ok := sqliteDir(address); ok {
				backup := filepath.Join(t.TempDir(), "copy")
				does(t, keyOf(t, dir), address, "intact", "backup", backup)
				nobodyIn(t, filesOf(t, backup), known)
			}
		})
	}
}

func keyOf(t *testing.T, demo string) string {
	t.Helper()
	key, err := os.ReadFile(filepath.Join(demo, "secret.key"))
	if err != nil {
		t.Fatal(err)
	}
	return string(key)
}

// command is the product's command on a store, under keys: the first, and others that commas part.
func command(keys, address string, args ...string) *exec.Cmd {
	first, others, _ := strings.Cut(keys, ",")
	cmd := exec.Command(os.Args[0], args...)
	cmd.Env = append(os.Environ(), asCommand+"=1", "LINLIPAY_STORE="+address, "LINLIPAY_SECRET_KEY="+first,
		"LINLIPAY_OTHER_SECRET_KEYS="+others, "LINLIPAY_SANDBOX=true")
	return cmd
}

// does runs a command, which must end well and say something.
func does(t *testing.T, keys, address, says string, args ...string) {
	t.Helper()
	out, err := command(keys, address, args...).CombinedOutput()
	if err != nil || !strings.Contains(string(out), says) {
		t.Errorf("%v: %v: %s", args, err, out)
	}
}

// refuses runs a command, which must end with a sentence that says something.
func refuses(t *testing.T, keys, address, says string, args ...string) {
	t.Helper()
	out, err := command(keys, address, args...).CombinedOutput()
	_, sentence, _ := strings.Cut(string(out), "linlipay: ")
	if err == nil || !strings.Contains(sentence, says) || strings.Count(strings.TrimSpace(sentence), "\n") > 0 {
		t.Errorf("%v: %v: %s", args, err, out)
	}
}

// secretDay is a day of a resident, a cashier and finance.
func secretDay(t *testing.T, facts demoFacts) {
	t.Helper()
	device := pairTerminal(t, facts.BaseURL, facts.PairingCodes[0])
	seen := device.screen(t.Context())
	var paid []order
	for i, wallet := range []string{"wechat", "alipay"} {
		o := device.newOrder(fmt.Sprint(101 + i))
		pay(t, facts.WalletURL, o.QR.URL, wallet)
		waitFor(t, seen, o.ID, "paid")
		paid = append(paid, o)
	}
	resident := client{t: t, base: facts.BaseURL}
	var code struct {
		Code string `json:"demo_code"`
	}
	var tokens struct {
		AccessToken string `json:"access_token"`
	}
	resident.must("POST", "/v1/residents/codes", map[string]string{"phone": secretPhone(2)}, &code)
	resident.must("POST", "/v1/residents/sessions", map[string]string{"phone": secretPhone(2), "code": code.Code},
		&tokens)
	resident.token = tokens.AccessToken
	home := map[string]string{"label": typedHome, "method": "office",
		"community": property.CommunityID(demoCompanies()[0].id, demoCompanies()[0].name+"小区")}
	resident.must("POST", "/v1/bindings", home, nil)
	cashier := client{t: t, base: facts.BaseURL}
	cashier.must("POST", "/v1/members/sessions",
		map[string]string{"login": facts.Staff[0].Login, "password": facts.Staff[0].Password}, &tokens)
	cashier.token = tokens.AccessToken
	refund := map[string]any{"reason": payerReason, "items": []map[string]any{{"ref": paid[0].Items[0].Ref,
		"amount": 1}}}
	if status, err := cashier.try("POST", "/v1/orders/"+paid[0].ID+"/refunds", refund, nil, "Idempotency-Key",
		"r"); err != nil || status >= 300 {
		t.Errorf("a refund was not asked for: %d, %v", status, err)
	}
	for _, q := range []string{secretName(0), secretPhone(0), secretPhone(0)[7:], "101"} {
		var units struct {
			Items []struct{ Label string }
		}
		cashier.must("GET", "/v1/units?q="+q, nil, &units)
		if len(units.Items) != 1 || !strings.HasSuffix(units.Items[0].Label, "101") {
			t.Errorf("%s finds %+v", q, units.Items)
		}
		var orders struct{ Items []order }
		cashier.must("GET", "/v1/orders?q="+q, nil, &orders)
		if len(orders.Items) != 1 || orders.Items[0].ID != paid[0].ID {
			t.Errorf("%s finds orders %+v", q, orders.Items)
		}
	}
}

// olderStore fills a store as a version did that did not seal, with people, and with secrets under a key that no text
// names.
func olderStore(t *testing.T, address string) {
	t.Helper()
	st, err := openStore(t.Context(), address, false, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	schemas := slices.Concat(payment.Schemas(), property.Schemas(), billing.Schemas(), access.Schemas())
	p := property.NewService(st, time.Now)
	var file bytes.Buffer
	err = errors.Join(st.Ensure(t.Context(), schemas...), workbook.Write(&file, workbook.Table{Rows: secretRows("小区")}),
		p.AddCompany(t.Context(), "c", "公司"))
	if err != nil {
		t.Fatal(err)
	}
	how := billing.ImportRequest{Scope: property.Scope{Company: "c"}}
	if _, err := billing.NewService(st, p, nil, nil, nil, time.Now).Import(t.Context(), how, &file); err != nil {
		t.Fatal(err)
	}
	r, err := p.ResidentByPhone(t.Context(), secretPhone(1))
	if err != nil || st.Close() != nil {
		t.Fatal(r, err)
	}
}

// A store of a version that did not seal is found to be one, is served as ever, and after rekey holds nobody; then its
// key is replaced, and each key is refused where it would do harm.
func TestRekeyByItsCommand(t *testing.T) {
	for name, address := range map[string]func() string{
		"sqlite":  func() string { return "sqlite:" + t.TempDir() },
		"mongodb": func() string { return mongotest.Start(t) },
	} {
		t.Run(name, func(t *testing.T) {
			address, old, fresh, wrong := address(), seal.NewKey(), seal.NewKey(), seal.NewKey()
			olderStore(t, address)
			findsPeople(t, address, old)
			does(t, old, address, "everything is sealed under key", "rekey")
			nobodyIn(t, kept(t, address), "小区")
			findsPeople(t, address, old)
			refuses(t, wrong, address, "which is not configured", "verify")
			refuses(t, fresh, address, "LINLIPAY_OTHER_SECRET_KEYS", "rekey")
			refuses(t, fresh+",short", address, "each of LINLIPAY_OTHER_SECRET_KEYS must be 32 bytes", "rekey")
			findsPeople(t, address, fresh+","+old)
			does(t, fresh+","+old, address, "can be dropped now", "rekey")
			nobodyIn(t, kept(t, address), "小区")
			findsPeople(t, address, fresh)
			refuses(t, old+","+fresh, address, "is retired", "verify")
			does(t, fresh, address, "unbroken", "verify")
		})
	}
}

// findsPeople opens the product on a store and finds a unit by all that people type, and its resident.
func findsPeople(t *testing.T, address, keys string) {
	t.Helper()
	first, others, _ := strings.Cut(keys, ",")
	a, err := prepare(t.Context(), Config{Store: address, SecretKey: first, OtherSecretKeys: others, LogLevel: "error",
		BaseURL: "https://pay.example.com", Listen: "127.0.0.1:0", DeskLifetime: time.Minute,
		PhoneLifetime: time.Minute}, io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	all, err := a.Property.Communities(t.Context(), property.Scope{Company: "c"})
	if err != nil {
		t.Fatal(err)
	}
	for _, q := range []string{secretName(1), secretPhone(1), secretPhone(1)[7:], "102"} {
		found, _, err := a.Property.FindUnits(t.Context(), []string{all[0].ID}, q, "", 0)
		if err != nil || len(found) != 1 || found[0].Owner != secretName(1) {
			t.Errorf("%s finds %+v, %v", q, found, err)
		}
	}
	r, err := a.Property.ResidentByPhone(t.Context(), secretPhone(1))
	again, failed := a.Property.ResidentByPhone(t.Context(), secretPhone(1))
	if err != nil || failed != nil || r.ID != again.ID || r.Phone != secretPhone(1) {
		t.Errorf("the resident is %+v and %+v, %v, %v", r, again, err, failed)
	}
	if err := a.Close(); err != nil {
		t.Error(err)
	}
}

// personal are names of members that may be of a person. Each text in a stored document with such a name is declared as
// personal by its kind, or stands in notPersonal with a reason.
var personal = regexp.MustCompile(
	`(^|_)(name|owner|phone|login|payer|payer_id|openid|note|reason|message|address|agent|body|contact|email|` +
		`label|failure|text|raw|title|remark|memo|comment)$`)

// notPersonal are members that are of no person, by collection and path.
var notPersonal = map[string]string{
	"organisations.entities.*.name":        "a legal entity's",
	"organisations.regions.*.name":         "a region's",
	"organisations.requests.*.entity.name": "a legal entity's",
	"companies.name":                       "a company's",
	"communities.name":                     "a community's",
	"api_clients.name":                     "a system's",
	"merchant_accounts.name":               "a merchant account's",
	"merchant_accounts.request.name":       "a merchant account's",
	"terminals.name":                       "a device's",
	"prepaid.deposit.name":                 "what a deposit is for",
	"pairings.name":                        "a device's",
	"sessions.owner":                       "an id",
	"orders.exceptions.*.owner":            "the id of who works on it",
	"orders.exceptions.*.reason":           "one of a list",
	"orders.close_reason":                  "one of a list",
	"orders.payer.label":                   "a home's, as the books have it",
	"orders.title":                         "what bills are for",
	"orders.items.*.title":                 "what a bill is for",
	"prepaid.draws.*.title":                "what a bill is for",
	"orders.attempts.*.returns.raw":        "an institution's word for a state",
	"terminals.nonces.*.text":              "random",
	"units.label":                          "a home's, as the books have it",
}

// lookedFor are fields by which documents are found and that are kept as they are, by why no person stands in them.
var lookedFor = map[string]string{
	"actor chain company community endpoint hold institution line member object order owner resident terminal token " +
		"unit": "ids",
	"outcome payouts state status type verb waiting work": "of a list",
	"key":         "what a client numbers its requests with",
	"label place": "a home's or a community's, as the books have it",
	"name":        "a community's or a device's",
	"period":      "a month",
}

// What is declared as personal must not stand beside the document, in the key that finds it.
func TestWhatIsLookedForIsOfNoPerson(t *testing.T) {
	known, looked := map[string]bool{}, 0
	for names := range lookedFor {
		for _, name := range strings.Fields(names) {
			known[name] = true
		}
	}
	eachKind(t, func(schema store.Schema, _ reflect.Type) {
		for _, f := range schema.Fields {
			if looked++; f.Type == store.String && !f.Digest && !known[f.Name] {
				t.Errorf("%s.%s may be of a person, and is found as it is", schema.Name, f.Name)
			}
		}
	})
	if looked < 50 {
		t.Errorf("only %d fields were looked at", looked)
	}
}

// eachKind calls a function for every kind of document of the product.
func eachKind(t *testing.T, each func(schema store.Schema, of reflect.Type)) {
	t.Helper()
	a, err := prepare(t.Context(), Config{Store: "sqlite:" + t.TempDir(), SecretKey: seal.NewKey(), LogLevel: "error",
		BaseURL: "https://pay.example.com", Listen: "127.0.0.1:0", DeskLifetime: time.Minute,
		PhoneLifetime: time.Minute}, io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	defer a.Close()
	a.sealed.Kinds(each)
}

func TestEveryPersonalMemberIsDeclared(t *testing.T) {
	kinds, excused := 0, map[string]bool{}
	eachKind(t, func(schema store.Schema, of reflect.Type) {
		kinds++
		there := textsOf(of)
		for _, path := range schema.Personal {
			if !slices.ContainsFunc(there, func(p string) bool { return within(p, path) }) {
				t.Errorf("%s declares %s, which it does not have", schema.Name, path)
			}
		}
		for _, path := range there {
			declared := slices.ContainsFunc(schema.Personal, func(p string) bool { return within(path, p) })
			at := schema.Name + "." + path
			switch excuse, known := notPersonal[at]; {
			case known && (declared || excuse == ""):
				t.Errorf("%s is declared and excused, or without a reason", at)
			case known:
				excused[at] = true
			case !declared && personal.MatchString(path[strings.LastIndexByte(path, '.')+1:]):
				t.Errorf("%s may be of a person and is not declared", at)
			}
		}
	})
	for at := range notPersonal {
		if !excused[at] {
			t.Errorf("there is no %s to excuse", at)
		}
	}
	if kinds < 20 {
		t.Errorf("only %d kinds were looked at", kinds)
	}
}

// within reports whether a member is another one, or lies in it.
func within(path, other string) bool { return path == other || strings.HasPrefix(path, other+".") }

// textsOf are the paths of the members of a type that are texts, bytes, or write themselves.
func textsOf(of reflect.Type) (all []string) {
	for of.Kind() == reflect.Pointer {
		of = of.Elem()
	}
	switch marshaler := reflect.TypeFor[json.Marshaler](); {
	case of == reflect.TypeFor[time.Time]() || of == reflect.TypeFor[audit.Event]():
		return nil // an event holds no person (package audit)
	case of.Kind() == reflect.String, of.Implements(marshaler), of == reflect.TypeFor[[]byte]():
		return []string{""}
	case of.Kind() == reflect.Slice, of.Kind() == reflect.Map:
		return under("*", textsOf(of.Elem()))
	case of.Kind() == reflect.Struct:
		for i := range of.NumField() {
			f := of.Field(i)
			name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
			if name == "-" {
				continue
			}
			all = append(all, under(name, textsOf(f.Type))...)
		}
	}
	return all
}

func under(name string, paths []string) (all []string) {
	for _, p := range paths {
		all = append(all, strings.Trim(name+"."+p, "."))
	}
	return all
}
