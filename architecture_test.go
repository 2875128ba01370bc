package main

import (
	"encoding/json"
	"go/ast"
	"go/parser"
	"go/token"
	"io"
	"io/fs"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// common are the packages that all above them may import.
var common = []string{"money", "fault", "calendar", "store"}

// allowed is the table of the design: which packages of the module each one may import beside the common ones, one row
// a package. A package that is not in it fails the test, and so does a row that allows more than is used. app wires all
// of them and has no row.
func allowed() map[string][]string {
	return map[string][]string{
		"":         {"app"},
		"access":   {"approval", "audit", "phone", "seal"},
		"approval": nil,
		"audit":    {"chain", "seal"},
		"bench": {
			"access", "billing", "payment", "payment/gateway", "payment/sandbox", "property", "seal", "sqlite",
			"terminal", "workbook",
		},
		"billing": {
			"approval", "audit", "chain", "payment", "payment/card", "phone", "property", "webhook", "workbook",
		},
		"calendar": nil,
		"chain":    nil,
		"checkout": {"billing", "payment", "payment/gateway", "property"},
		"docs":     nil,
		"fault":    nil,
		"host":     nil,
		"handlers": {
			"access", "approval", "audit", "billing", "checkout", "docs", "payment", "payment/card", "payment/gateway",
			"payment/ledger", "payment/merchant", "phone", "property", "seal", "terminal", "webhook",
		},
		"money":           nil,
		"mongo":           nil,
		"mongo/mongotest": nil,
		// beyond the design: audit, chain and webhook, since what a person decides in an order is owed to the audit log
		// by the same write (deed.go), and what others hear of to the webhooks (event.go), as it is in billing and
		// terminal; verify follows the ledger's chain
		"payment": {
			"approval", "audit", "chain", "payment/card", "payment/gateway", "payment/ledger", "payment/merchant",
			"webhook",
		},
		"payment/card":           nil,
		"payment/gateway":        {"host", "payment/card"},
		"payment/gateway/alipay": {"payment/gateway"},
		"payment/gateway/gatewaytest": {
			"payment", "payment/card", "payment/gateway", "payment/merchant", "payment/sandbox", "seal",
			"sqlite/sqlitetest",
		},
		"payment/gateway/lakala":    {"payment/card", "payment/gateway"},
		"payment/gateway/ruiyinxin": {"payment/card", "payment/gateway"},
		"payment/gateway/shengpay":  {"payment/card", "payment/gateway"},
		"payment/gateway/wechat":    {"payment/gateway"},
		"payment/ledger":            {"chain"},
		// beyond the design: accounts and routes are asked for by one and approved by another, and what was decided is
		// owed to the audit log by the same write
		"payment/merchant": {"approval", "audit", "host", "payment/gateway", "seal"},
		"payment/sandbox":  nil,
		"phone":            nil,
		// beyond the design: a change to a person is owed to the audit log by the same write, and a telephone number is
		// read one way everywhere, and so is what cannot be seen in a text
		"property":         {"audit", "phone", "workbook"},
		"scripts/workbook": {"workbook"},
		"seal":             nil,
		"simulate": {
			"approval", "audit", "billing", "payment", "payment/card", "payment/gateway", "payment/ledger",
			"payment/merchant", "property", "seal", "terminal", "webhook",
		},
		"sqlite":                nil,
		"sqlite/sqlitetest":     {"sqlite"},
		"store":                 {"fault"},
		"store/storetest":       {"seal"},
		"terminal":              {"audit", "seal", "webhook"},
		"tools/openapi":         {"handlers"},
		"web":                   nil,
		"webhook":               {"approval", "audit", "host", "seal"},
		"workbook":              nil,
		"workbook/workbooktest": nil,
	}
}

// gopay are the packages that may see github.com/go-pay/gopay.
var gopay = []string{"payment/gateway/wechat", "payment/gateway/alipay"}

func TestImportsFollowTheTable(t *testing.T) {
	out, err := exec.Command("go", "list", "-json=ImportPath,Imports", "./...").Output()
	if err != nil {
		t.Fatal(err)
	}
	seen := 0
	for dec := json.NewDecoder(strings.NewReader(string(out))); ; {
		var p struct {
			ImportPath                         string
			Imports, TestImports, XTestImports []string
		}
		if err := dec.Decode(&p); err == io.EOF {
			break
		} else if err != nil {
			t.Fatal(err)
		}
		seen++
		name := strings.TrimPrefix(strings.TrimPrefix(p.ImportPath, "linlipay"), "/")
		may, known := allowed()[name]
		if !known && name != "app" {
			t.Errorf("package %s is not in the table", name)
		}
		for _, i := range slices.Concat(p.Imports, p.TestImports, p.XTestImports) {
			if strings.HasPrefix(i, "github.com/xuri/") && name != "workbook" {
				t.Errorf("%s sees %s", name, i)
			}
		}
		for _, own := range may {
			if !slices.Contains(p.Imports, "linlipay/"+own) {
				t.Errorf("%s may import %s and does not", name, own)
			}
		}
		if !slices.Contains(common, name) {
			may = append(may, common...)
		}
		for _, i := range p.Imports {
			own, ours := strings.CutPrefix(i, "linlipay/")
			if ours && name != "app" && !slices.Contains(may, own) {
				t.Errorf("%s imports %s", name, own)
			}
			if strings.HasPrefix(i, "github.com/go-pay/") && !slices.Contains(gopay, name) {
				t.Errorf("%s sees %s", name, i)
			}
		}
	}
	if seen < 15 {
		t.Errorf("only %d packages were looked at", seen)
	}
}

// each parses every file of the module that is not a test.
func each(t *testing.T, visit func(path string, file *ast.File, set *token.FileSet)) {
	t.Helper()
	err := filepath.WalkDir(".", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() && slices.Contains([]string{"node_modules", ".git", "tools", "bin", "data"},
			d.Name()) {
			if err == nil {
				return filepath.SkipDir
			}
			return err
		}
		if d.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return nil
		}
		set := token.NewFileSet()
		file, err := parser.ParseFile(set, path, nil, parser.ParseComments)
		if err == nil {
			visit(path, file, set)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// longest is how many lines a file may have that is no test.
const longest = 400

func TestFilesAreShort(t *testing.T) {
	each(t, func(path string, file *ast.File, set *token.FileSet) {
		if n := set.Position(file.FileEnd).Line; n > longest+1 {
			t.Errorf("%s has %d lines, at most %d", path, n-1, longest)
		}
	})
}

func TestNoFloatingPoint(t *testing.T) {
	each(t, func(path string, file *ast.File, set *token.FileSet) {
		if strings.HasPrefix(path, "mongo/mongotest/") { // it plays a server whose protocol has such numbers
			return
		}
		ast.Inspect(file, func(n ast.Node) bool {
			id, isIdent := n.(*ast.Ident)
			lit, isLit := n.(*ast.BasicLit)
			if isIdent && (id.Name == "float64" || id.Name == "float32") || isLit && lit.Kind == token.FLOAT {
				t.Errorf("%s: floating point", set.Position(n.Pos()))
			}
			return true
		})
	})
}

func TestEnvironmentIsReadInOnePlaceAndNothingRunsByItself(t *testing.T) {
	each(t, func(path string, file *ast.File, set *token.FileSet) {
		ast.Inspect(file, func(n ast.Node) bool {
			if s, ok := n.(*ast.SelectorExpr); ok && slices.Contains([]string{"Getenv", "LookupEnv"}, s.Sel.Name) {
				t.Errorf("%s: reads the environment", set.Position(n.Pos()))
			}
			if f, ok := n.(*ast.FuncDecl); ok && f.Recv == nil && f.Name.Name == "init" {
				t.Errorf("%s: an init function", set.Position(n.Pos()))
			}
			return true
		})
	})
}

// The zone of business days and printed times stands in package calendar. The sandbox, which is apart from the product
// on purpose, has its own.
func TestTheZoneStandsInOnePlace(t *testing.T) {
	each(t, func(path string, file *ast.File, set *token.FileSet) {
		if strings.HasPrefix(path, "calendar/") || strings.HasPrefix(path, "payment/sandbox/") {
			return
		}
		ast.Inspect(file, func(n ast.Node) bool {
			s, ok := n.(*ast.SelectorExpr)
			if !ok {
				return true
			}
			pkg, named := s.X.(*ast.Ident)
			zones := []string{"FixedZone", "LoadLocation", "ParseInLocation", "Local"}
			if named && pkg.Name == "time" && slices.Contains(zones, s.Sel.Name) {
				t.Errorf("%s: time.%s; calendar has the zone", set.Position(n.Pos()), s.Sel.Name)
			}
			return true
		})
	})
}

// Passwords are hashed at less cost in tests alone: no file of the product names any Hashing but access.OWASP.
func TestThePasswordsOfTheProductCostWhatTheyShould(t *testing.T) {
	services := 0
	each(t, func(path string, file *ast.File, set *token.FileSet) {
		ast.Inspect(file, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.Ident:
				if n.Name == "Hashing" && path != "access/hash.go" && path != "access/access.go" {
					t.Errorf("%s: a cost of passwords of its own", set.Position(n.Pos()))
				}
			case *ast.CallExpr:
				if of, ok := n.Fun.(*ast.SelectorExpr); !ok || of.Sel.Name != "NewService" || !names(of.X, "access") {
					break
				}
				services++
				cost, ok := n.Args[2].(*ast.CallExpr)
				if !ok || !selects(cost.Fun, "OWASP") {
					t.Errorf("%s: passwords cost something else than access.OWASP()", set.Position(n.Pos()))
				}
			}
			return true
		})
	})
	if services == 0 {
		t.Error("nothing of the product makes access's service")
	}
}

func names(x ast.Expr, name string) bool {
	id, ok := x.(*ast.Ident)
	return ok && id.Name == name
}

func selects(x ast.Expr, name string) bool {
	s, ok := x.(*ast.SelectorExpr)
	return ok && s.Sel.Name == name
}
