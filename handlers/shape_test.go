package handlers

import (
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"linlipay/access"
	"linlipay/payment"
)

// named are the segments of a path under /v1 that are neither a plural noun nor an id, each with what it is. A new
// route needs a plural noun, an id, or a line here with its reason.
var named = map[string]string{
	"v1": "the version", "me": "the caller", "organisation": "the caller's company", "settings": "the company's",
	"authority": "the company's table", "overview": "of the first page",
	"owner": "of a unit: one", "rights": "of a member: one set",
	"cutover":         "of a community: one",
	"password":        "of the caller: one",
	"decision":        "what another person, or finance, decides",
	"withdrawal":      "the maker takes a request back",
	"resolution":      "a person found out, and ends what waits",
	"closure":         "an order is closed once",
	"payout":          "a refund is handed out once",
	"payment":         "an approved payout is paid once",
	"cancellation":    "an approved payout is not paid",
	"activation":      "asks that what is off be on again",
	"deactivation":    "switches off at once",
	"confirmation":    "by the code that came",
	"termination":     "ends, with a reason",
	"renewal":         "of tokens",
	"revocation":      "of tokens",
	"export":          "the list as a file",
	"template":        "an empty file",
	"report":          "of an import, as a file",
	"device-call":     "what a terminal's application is called with",
	"acknowledgement": "somebody has seen it",
	"return":          "of a draw, which is undone once",
	"statement":       "of a unit: one, of whatever days",
	"unapplied-funds": "the field's word has no singular",
}

// Addresses are plural nouns, ids and a few named sub-resources.
func TestAddressesAreNouns(t *testing.T) {
	used := map[string]bool{}
	for _, r := range New(Config{Now: time.Now}).routes() {
		if !strings.HasPrefix(r.path, "/v1/") {
			continue
		}
		for _, segment := range strings.Split(r.path, "/")[1:] {
			used[segment] = true
			if named[segment] == "" && !strings.HasPrefix(segment, ":") && !strings.HasSuffix(segment, "s") {
				t.Errorf("%s %s: %q is neither a plural noun nor named", r.method, r.path, segment)
			}
		}
	}
	for segment := range named {
		if !used[segment] {
			t.Errorf("%q is in no address any more", segment)
		}
	}
}

// ofTheRequest are members of a body that are not of the thing that it describes: which version the caller saw, which
// request it takes the place of, and why.
var ofTheRequest = []string{"revision", "replaces", "reason"}

// What PUT takes is the whole thing: whoever leaves a member out means a PATCH.
func TestPutTakesTheWholeThing(t *testing.T) {
	for _, r := range New(Config{Now: time.Now}).routes() {
		if r.method != http.MethodPut {
			continue
		}
		for _, f := range jsonFields(r.in) {
			if f.optional && !slices.Contains(ofTheRequest, f.name) {
				t.Errorf("PUT %s: %s may be left out", r.path, f.name)
			}
		}
	}
}

// moneyless are the nouns, by the first word of their paths, of which no operation makes an order or moves money, each
// with what they are. A noun that is not here may.
var moneyless = map[string]string{
	"members": "people", "residents": "people", "me": "people", "bindings": "people and homes",
	"units": "people and homes", "tokens": "who somebody is", "pairings": "devices", "terminals": "devices",
	"api-clients": "programs", "webhook-endpoints": "where events go", "organisation": "who belongs where",
	"settings": "a company's settings", "authority": "who decides, and in whose place",
	"routes": "which account takes what is paid from then on",
}

// unkeyed are the operations of the other nouns that change something and yet make no order and move no money, or have
// a number of their own, each with why. Every other one needs an Idempotency-Key: keyed in its route, or a line here.
var unkeyed = map[string]string{
	"importWorkbook":          "a bill has a number of its own: taken in twice it is there once",
	"writeImportReport":       "writes a workbook of what the caller has",
	"receiveNotification":     "signed by the institution; what a transaction moved is booked once",
	"payCheckout":             "an attempt that is open is taken up again",
	"updateMerchantAccount":   "a request takes the place of the one before",
	"closeOrder":              "an order is closed once",
	"queryOrder":              "asks the institutions; their answers are booked once each",
	"reportCardPayment":       "signed by the device, under the attempt's number",
	"reportVoid":              "signed by the device, under the refund's number",
	"decideReturn":            "says what was found; moves nothing",
	"acknowledgeReturn":       "says that it was seen",
	"settleDeviceReport":      "says what was found; moves nothing",
	"testMerchantAccount":     "asks the institution",
	"disableMerchantAccount":  "is done once",
	"enableMerchantAccount":   "a request takes the place of the one before",
	"decideMerchantAccount":   "names the request that it decides",
	"withdrawMerchantAccount": "names the request that it takes back",
	"requestCutover":          "a second request beside one that waits is refused",
	"updateCutover":           "replaces what was entered, and names its revision",
	"decideCutover":           "names the request that it decides",
	"withdrawCutover":         "names the request that it takes back",
	"returnPrepaymentDraw":    "a draw has a number of its own, and is undone once",
	"updatePrepaymentFees":    "moves nothing",
	"decidePayout":            "names the request that it decides",
	"withdrawPayout":          "names the request that it takes back",
	"payPayout":               "names the payout, which is paid once",
	"cancelPayout":            "names the payout; moves nothing",
	"decideCorrection":        "names the request that it decides",
	"withdrawCorrection":      "names the request that it takes back",
}

// A key is required wherever an order is made or money moves: without one such a route answers 400 before it does
// anything, and the document says so.
func TestWhatMovesMoneyNeedsAKey(t *testing.T) {
	w, nouns, ids := newReach(t), []string{}, map[string]bool{}
	for _, r := range w.s.routes() {
		_, noun, _ := strings.Cut(r.path, "/v1/")
		noun, _, _ = strings.Cut(noun, "/")
		nouns, ids[r.id] = append(nouns, noun), true
		money := r.method != http.MethodGet && moneyless[noun] == ""
		if money && r.keyed == (unkeyed[r.id] != "") || !money && (r.keyed || unkeyed[r.id] != "") {
			t.Errorf("%s %s: keyed is %v, and the lists say %q and %q", r.method, r.path, r.keyed, moneyless[noun],
				unkeyed[r.id])
		}
		if !r.keyed {
			continue
		}
		asked := 0
		for kind, tokens := range w.rightful {
			for _, token := range tokens {
				if !slices.Contains(r.who.kinds, kind) {
					continue
				}
				status, _, body := w.ask(r.method, w.path(t, r), token, w.inputs()[r.method+" "+r.path],
					"Idempotency-Key", "")
				if status == http.StatusForbidden {
					continue
				}
				if asked++; status != 400 || !strings.Contains(body, "idempotency_key_missing") {
					t.Errorf("%s %s without a key: %d %.200s", r.method, r.path, status, body)
				}
			}
		}
		if asked == 0 {
			t.Errorf("%s %s: nobody may, so that the test shows nothing", r.method, r.path)
		}
		if header := parameters(r, &types{})[len(parameters(r, &types{}))-1]; header["name"] != "Idempotency-Key" ||
			header["required"] != true {
			t.Errorf("%s %s: the document asks for %v", r.method, r.path, header)
		}
	}
	for noun := range moneyless {
		if !slices.Contains(nouns, noun) {
			t.Errorf("there is no noun %s any more", noun)
		}
	}
	for id := range unkeyed {
		if !ids[id] {
			t.Errorf("there is no operation %s any more", id)
		}
	}
}

// A decision over money is made once per key: sent again it answers 200 with Idempotency-Hit and the order as it is,
// under the same key as something else it is refused, and under another key it is told that it cannot be made now.
func TestADecisionIsMadeOncePerKey(t *testing.T) {
	f := serve(t)
	cashier, finance, order := f.a.staff[access.Cashier], f.a.staff[access.Finance], "/v1/orders/"+f.a.order.ID
	f.inCash(cashier, f.a.order.ID, 2000, "c1")
	ask := refundInput{Items: []payment.RefundItem{{Ref: f.a.bills[0].ID, Amount: 400}}, Reason: "多收"}
	f.json("POST", order+"/refunds", cashier, ask, &requestedView{})
	for _, c := range []struct {
		path, token   string
		body, another any
		otherKey      int // what the same answers under another key
	}{
		{"/refunds/1/decision", finance, refundDecision{Approve: true}, refundDecision{Note: "不退"}, 409},
		{"/refunds/1/payout", cashier, nil, none{}, 200}, // is done, whoever asks
	} {
		first, again := orderView{}, orderView{}
		if h := f.json("POST", order+c.path, c.token, c.body, &first, "Idempotency-Key", "d"); h.Get(hit) != "" {
			t.Errorf("%s: the first is told as a repeat", c.path)
		}
		if h := f.json("POST", order+c.path, c.token, c.body, &again, "Idempotency-Key", "d"); h.Get(hit) != "true" {
			t.Errorf("%s: a repeat is not told", c.path)
		}
		if again.Version != first.Version || again.Refunds[0].Status != first.Refunds[0].Status {
			t.Errorf("%s: the repeat changed the order: %+v", c.path, again.Refunds)
		}
		status, _, body := f.ask("POST", order+c.path, c.token, c.another, "Idempotency-Key", "d")
		if status != 422 || !strings.Contains(body, "idempotency_mismatch") {
			t.Errorf("%s: another request under the key: %d %s", c.path, status, body)
		}
		if status, _, body := f.ask("POST", order+c.path, c.token, c.body); status != c.otherKey {
			t.Errorf("%s under another key: %d %s", c.path, status, body)
		}
	}
}

// hit is the header that tells a repeat.
const hit = "Idempotency-Hit"
