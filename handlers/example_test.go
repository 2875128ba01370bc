package handlers

import (
	"encoding/json"
	"io"
	"maps"
	"net/http"
	"os"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
)

// The document's examples are requests that these tests made and the answers that they got, kept in examples.json. A
// run of all tests with LINLIPAY_EXAMPLES=1 adds those of operations that have none yet, and makes those anew that the
// document forbids now; go generate then puts them into the document.

var recorded = struct {
	sync.Mutex
	of map[string]example
}{of: map[string]example{}}

func TestMain(m *testing.M) {
	code := m.Run()
	if code == 0 && os.Getenv("LINLIPAY_EXAMPLES") != "" {
		if err := keepExamples(); err != nil {
			panic(err)
		}
	}
	os.Exit(code)
}

func keepExamples() error {
	raw, err := os.ReadFile("examples.json")
	all := map[string]example{}
	if err == nil {
		err = json.Unmarshal(raw, &all)
	}
	if err != nil && !os.IsNotExist(err) {
		return err
	}
	ops := operations()
	for id, e := range recorded.of {
		if old, known := all[id]; !known || ops[id].wrong(old) != "" {
			all[id] = e
		}
	}
	maps.DeleteFunc(all, func(id string, _ example) bool { return ops[id].path == "" })
	text, err := json.MarshalIndent(all, "", "  ")
	if err != nil {
		return err
	}
	return os.WriteFile("examples.json", append(text, '\n'), 0o644)
}

// describedOperation is an operation as the document has it.
type describedOperation struct {
	id, method, path string
	at               *regexp.Regexp // of its path
	status           int
	sends, answers   bool // a body of JSON
}

var pathParameter = regexp.MustCompile(`\\\{\w+\\\}`)

// operations are the document's, by their ids.
var operations = sync.OnceValue(func() map[string]describedOperation {
	all := map[string]describedOperation{}
	for _, r := range New(Config{}).routes() {
		path := openPath(r.path)
		all[r.id] = describedOperation{
			id: r.id, method: r.method, path: path, status: r.status,
			at:      regexp.MustCompile("^" + pathParameter.ReplaceAllString(regexp.QuoteMeta(path), "[^/]+") + "$"),
			sends:   r.in != nil && r.method != http.MethodGet && hasBody(r.in),
			answers: r.out != nil && r.out != noneType,
		}
	}
	return all
})

// record keeps what an operation was sent and answered, where it is the better example: of a list with something in
// it, with more members sent, and then the shorter.
func record(req *http.Request, sent string, resp *http.Response, answer string) {
	for _, op := range operations() {
		hit := op.method == req.Method && op.status == resp.StatusCode && op.at.MatchString(req.URL.Path)
		if !hit || !op.sends && !op.answers || op.path != req.URL.Path && op.shadowed(req) {
			continue
		}
		e := example{Request: shortened(sent), Answer: shortened(answer)}
		recorded.Lock()
		if old, known := recorded.of[op.id]; !known || e.better(old) {
			recorded.of[op.id] = e
		}
		recorded.Unlock()
	}
}

// shadowed reports whether another operation has the request's path letter for letter.
func (op describedOperation) shadowed(req *http.Request) bool {
	for _, other := range operations() {
		if other.id != op.id && other.method == req.Method && other.path == req.URL.Path {
			return true
		}
	}
	return false
}

func (e example) better(than example) bool {
	if a, b := filled(e.Answer), filled(than.Answer); a != b {
		return a
	}
	if a, b := members(e.Request), members(than.Request); a != b {
		return a > b
	}
	return len(e.Answer) < len(than.Answer)
}

// filled reports whether what is listed is there: an empty list, or an empty statement, shows nothing.
func filled(answer json.RawMessage) bool {
	return !strings.Contains(string(answer), `"items":[]`) && !strings.Contains(string(answer), `"lines":[]`)
}

func members(raw json.RawMessage) int {
	var of map[string]json.RawMessage
	if json.Unmarshal(raw, &of) != nil {
		return 0
	}
	return len(of)
}

// secretMembers are those whose text nobody should copy from a page.
var secretMembers = regexp.MustCompile(`(^|_)(token|password|secret|key|digest|auth_code)$`)

// shortened is JSON with one item of each list of things and no secret. Lists of words are whole, so that what is asked
// for and what is answered agree.
func shortened(text string) json.RawMessage {
	var tree any
	decoder := json.NewDecoder(strings.NewReader(text))
	decoder.UseNumber()
	if decoder.Decode(&tree) != nil {
		return nil
	}
	raw, err := json.Marshal(short(tree, ""))
	if err != nil {
		return nil
	}
	return raw
}

// words reports whether a list is one of a few texts.
func words(list []any) bool {
	other := func(of any) bool {
		_, text := of.(string)
		return !text
	}
	return len(list) <= wordsMost && !slices.ContainsFunc(list, other)
}

// wordsMost is how many texts of a list an example shows.
const wordsMost = 12

func short(node any, name string) any {
	switch node := node.(type) {
	case []any:
		if len(node) > 1 && !words(node) {
			node = node[:1]
		}
		for i := range node {
			node[i] = short(node[i], name)
		}
		return node
	case object:
		for key := range node {
			node[key] = short(node[key], key)
		}
		return node
	case string:
		if secretMembers.MatchString(name) && len(node) > 4 {
			return node[:4] + "…"
		}
	}
	return node
}

// wrong says what the document forbids of an example, "" is nothing.
func (op describedOperation) wrong(e example) string {
	path := regexp.MustCompile(`\{\w+\}`).ReplaceAllString(op.path, "1")
	req, err := http.NewRequest(op.method, "http://localhost"+path, strings.NewReader(string(e.Request)))
	if err != nil {
		return err.Error()
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Idempotency-Key", "k")
	if op.sends {
		if ok, errs := kept().ValidateHttpRequestSync(req); !ok {
			return inWords(errs)
		}
	}
	if op.answers {
		resp := &http.Response{StatusCode: op.status, Header: http.Header{"Content-Type": {"application/json"},
			"Ratelimit": {"x"}, "Ratelimit-Policy": {"x"}}, Body: io.NopCloser(strings.NewReader(string(e.Answer)))}
		if ok, errs := kept().ValidateHttpResponse(req, resp); !ok {
			return inWords(errs)
		}
	}
	return ""
}

// Every operation shows what it is sent and what it answers, as the document says that they are.
func TestEveryOperationHasAnExample(t *testing.T) {
	examples, err := examplesIn("..")
	if err != nil {
		t.Fatal(err)
	}
	const how = "call it in a test, run all of handlers' tests with LINLIPAY_EXAMPLES=1, and go generate ./handlers"
	for _, id := range slices.Sorted(maps.Keys(operations())) {
		op, e := operations()[id], examples[id]
		switch {
		case op.sends && len(e.Request) == 0, op.answers && len(e.Answer) == 0:
			t.Errorf("%s has no example: %s", id, how)
		default:
			if wrong := op.wrong(e); wrong != "" {
				t.Errorf("the example of %s is not as the document says: %s\n%s", id, wrong, how)
			}
		}
	}
	for id := range examples {
		if operations()[id].path == "" {
			t.Errorf("examples.json has %s, which is no operation", id)
		}
	}
}

// An example answers what its request asks for: a list of words that both name has the same words in both.
func TestExamplesAgreeWithThemselves(t *testing.T) {
	examples, err := examplesIn("..")
	if err != nil {
		t.Fatal(err)
	}
	compared := 0
	for id, e := range examples {
		var sent, answer object
		if json.Unmarshal(e.Request, &sent) != nil || json.Unmarshal(e.Answer, &answer) != nil {
			continue
		}
		for name, member := range sent {
			if list, ok := member.([]any); ok && len(list) > 0 && words(list) {
				answered := wordsIn(answer, name)
				if len(answered) > 0 {
					compared++
				}
				if len(answered) > 0 && !slices.ContainsFunc(answered, func(of []string) bool {
					return slices.Equal(of, sortedWords(list))
				}) {
					t.Errorf("%s asks for %s %q and answers %q", id, name, list, answered)
				}
			}
		}
	}
	if compared < 2 {
		t.Errorf("%d lists were compared", compared)
	}
}

// wordsIn are the lists of a name in an answer, wherever, that have something in them.
func wordsIn(node any, name string) (all [][]string) {
	of, _ := node.(object)
	for key, member := range of {
		if list, ok := member.([]any); ok && key == name && len(list) > 0 && words(list) {
			all = append(all, sortedWords(list))
		}
		all = append(all, wordsIn(member, name)...)
	}
	return all
}

func sortedWords(list []any) []string {
	var texts []string
	for _, of := range list {
		texts = append(texts, of.(string))
	}
	slices.Sort(texts)
	return texts
}
