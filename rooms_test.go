package main

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// In package payment a file either decides, of what it is given (moves of an order, an attempt, a refund), or asks the
// store and the institutions (methods of Service): rules stand apart from I/O, so that each can be read without the
// other.
func TestPaymentPartsRulesFromIO(t *testing.T) {
	for path, file := range paymentFiles(t) {
		by := map[string]string{}
		for _, d := range file.Decls {
			if f, ok := d.(*ast.FuncDecl); ok && f.Recv != nil {
				by[receiver(f)] = f.Name.Name
			}
		}
		for _, document := range []string{"Order", "Attempt", "Refund", "UnappliedFunds", "OutboxEntry"} {
			if by["Service"] != "" && by[document] != "" {
				t.Errorf("%s: %s decides, and %s asks: part them", path, by[document], by["Service"])
			}
		}
	}
}

// The schedule says when an order is looked at again. What cards, codes, voids and their like wait for stands there as
// times; it knows nothing of how they go.
func TestTheScheduleLeansOnNothingAboveIt(t *testing.T) {
	files, above, below := paymentFiles(t), map[string]string{}, map[string]bool{}
	for path, file := range files {
		name := strings.TrimSuffix(filepath.Base(path), ".go")
		rule := slices.Contains([]string{"card", "code", "void", "pay", "unapplied", "rejected", "returned"}, name)
		for _, d := range file.Decls {
			f, ok := d.(*ast.FuncDecl)
			switch {
			case !ok:
			case rule || receiver(f) == "Service":
				above[f.Name.Name] = name
			default:
				below[f.Name.Name] = true
			}
		}
	}
	if above["reversing"] != "code" || above["poll"] != "advance" {
		t.Fatal("the files are not found")
	}
	ast.Inspect(files["payment/schedule.go"], func(n ast.Node) bool {
		if call, ok := n.(*ast.CallExpr); ok {
			if s, ok := call.Fun.(*ast.SelectorExpr); ok && above[s.Sel.Name] != "" && !below[s.Sel.Name] {
				t.Errorf("schedule.go calls %s, of %s.go", s.Sel.Name, above[s.Sel.Name])
			}
		}
		return true
	})
}

func paymentFiles(t *testing.T) map[string]*ast.File {
	t.Helper()
	paths, err := filepath.Glob("payment/*.go")
	if err != nil || len(paths) < 40 {
		t.Fatalf("%d files, %v", len(paths), err)
	}
	files := map[string]*ast.File{}
	for _, path := range paths {
		if strings.HasSuffix(path, "_test.go") {
			continue
		}
		if files[path], err = parser.ParseFile(token.NewFileSet(), path, nil, 0); err != nil {
			t.Fatal(err)
		}
	}
	return files
}

// receiver is the name of the type that a method is of, "" for a function.
func receiver(f *ast.FuncDecl) string {
	if f.Recv == nil {
		return ""
	}
	kind := f.Recv.List[0].Type
	if star, ok := kind.(*ast.StarExpr); ok {
		kind = star.X
	}
	if id, ok := kind.(*ast.Ident); ok {
		return id.Name
	}
	return ""
}

// What others hear of a document by webhook is owed by the write that decides it: every write that changes one goes
// through the function that sees to it.
func TestEveryChangeOwesItsEvents(t *testing.T) {
	for _, rule := range []struct{ files, call, only string }{
		{"payment/*.go", `orders\.(Update|UpdateFrom|Replace)\(`, "payment/service.go"},
		{"billing/*.go", `bills\.(Update|UpdateFrom|Replace)\(`, "billing/event.go"},
	} {
		paths, err := filepath.Glob(rule.files)
		if err != nil {
			t.Fatal(err)
		}
		found := false
		for _, path := range paths {
			text, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			writes := regexp.MustCompile(rule.call).Match(text) && !strings.HasSuffix(path, "_test.go")
			found = found || writes
			if writes && path != rule.only {
				t.Errorf("%s writes past %s", path, rule.only)
			}
		}
		if !found {
			t.Errorf("%s writes nothing", rule.only)
		}
	}
}
