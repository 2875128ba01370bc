package main

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"strings"
	"testing"
)

// cutOnPurpose are the functions that read one page and drop the cursor of the next, with the reason why nothing is
// lost by it. Whoever else does so asks for one document, or follows the cursor (store.Collection.All).
var cutOnPurpose = map[string]string{
	"access.verifier":      "keys are made once a month and verify for a month and a little",
	"handlers.staffEvents": "a stream begins with the newest orders; the page reads its list beside it",
	"bench.lookups":        "the bench measures one page",
	"app.peopleOf":         "the demo shows one resident of each community",
	"webhook.lane":         "what is left stays due, and the next look takes it",
	"payment.first":        "there is one, or any will do",
	"simulate.list":        "a person works off a page, then looks again",
}

// No list is cut silently: a call that returns a cursor is not made with the cursor thrown away, unless it is for a
// single document or has its reason above.
func TestNoCursorIsDropped(t *testing.T) {
	seen := map[string]bool{}
	err := filepath.WalkDir(".", func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && (d.Name() == "node_modules" || d.Name() == "tools" || d.Name() == "web" ||
			d.Name() == "storetest") {
			return fs.SkipDir
		}
		if !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return nil
		}
		files := token.NewFileSet()
		file, err := parser.ParseFile(files, path, nil, 0)
		if err != nil {
			return err
		}
		for _, decl := range file.Decls {
			f, ok := decl.(*ast.FuncDecl)
			if !ok || f.Body == nil {
				continue
			}
			name := file.Name.Name + "." + f.Name.Name
			for _, at := range droppedCursors(f.Body) {
				if seen[name] = true; cutOnPurpose[name] == "" {
					t.Errorf("%s: %s reads one page and drops the cursor of the next", files.Position(at), name)
				}
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for name := range cutOnPurpose {
		if !seen[name] {
			t.Errorf("%s drops no cursor any more", name)
		}
	}
}

// droppedCursors finds "some, _, err := x.Find(…)", and the like of the other methods that answer pages, but for those
// with Limit: 1.
func droppedCursors(body ast.Node) (at []token.Pos) {
	ast.Inspect(body, func(n ast.Node) bool {
		assign, ok := n.(*ast.AssignStmt)
		if !ok || len(assign.Rhs) != 1 || len(assign.Lhs) != 3 {
			return true
		}
		blank, _ := assign.Lhs[1].(*ast.Ident)
		call, isCall := assign.Rhs[0].(*ast.CallExpr)
		if blank == nil || blank.Name != "_" || !isCall || !answersPages(call) || asksForOne(call) {
			return true
		}
		at = append(at, assign.Pos())
		return true
	})
	return at
}

func answersPages(call *ast.CallExpr) bool {
	method, ok := call.Fun.(*ast.SelectorExpr)
	if !ok {
		return false
	}
	switch method.Sel.Name {
	case "Find", "Docs", "List", "Messages", "FindUnits", "FindRooms", "UnitsOf", "BillPage", "OwedPage", "MyBindings",
		"BindingPage", "HouseholdPage", "CommunityPage", "CommunitiesNamed", "AccountInfos":
		return true
	}
	return false
}

// asksForOne reports whether the query says Limit: 1, or the last argument is 1.
func asksForOne(call *ast.CallExpr) (one bool) {
	if last, ok := call.Args[len(call.Args)-1].(*ast.BasicLit); ok && last.Value == "1" {
		return true
	}
	ast.Inspect(call, func(n ast.Node) bool {
		pair, ok := n.(*ast.KeyValueExpr)
		if !ok {
			return true
		}
		key, _ := pair.Key.(*ast.Ident)
		value, _ := pair.Value.(*ast.BasicLit)
		one = one || key != nil && key.Name == "Limit" && value != nil && value.Value == "1"
		return true
	})
	return one
}
