package main

import (
	"go/ast"
	"go/token"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// failing are the words by which a comment says what errors come: the code of a fault, the kind of an institution's
// answer, an error by its name, or a sentence about them.
var failing = regexp.MustCompile(`\b(Err[A-Z]\w*|[Ee]rrors?|[Ff]aults?|[Ff]ails?|[Ff]ailures?|Invalid|` +
	`Unauthenticated|Forbidden|NotFound|AlreadyExists|Stale|WrongState|OrderOpen|AlreadyPaid|Key(Missing|Reused)|` +
	`Expired|TooLarge|TimedOut|TooMany|Upstream(Unknown)?|Unavailable|Unsupported|Internal|Declined|Unreachable|` +
	`Unauthentic|Indeterminate|Refusal|Finding)\b`)

// An exported function that returns an error says which come, so that whoever calls it knows what to expect without
// reading it. A method may leave that to its type, which then says it for all: the Services and the adapters do, whose
// methods return the store's faults, and name what else comes. What the methods of unexported types return is said by
// the interfaces that they are there for, and what handlers and webhooks answer by the document of the API.
func TestErrorsAreToldOf(t *testing.T) {
	seen, types := 0, documentedTypes(t)
	each(t, func(path string, file *ast.File, set *token.FileSet) {
		dir := filepath.ToSlash(filepath.Dir(path))
		if strings.HasSuffix(dir, "test") || dir == "handlers" || dir == "webhook" {
			return
		}
		for _, d := range file.Decls {
			f, ok := d.(*ast.FuncDecl)
			if !ok || !f.Name.IsExported() || !returnsError(f) {
				continue
			}
			of := receiverOf(f)
			if of != "" && !ast.IsExported(of) {
				continue
			}
			if seen++; !failing.MatchString(f.Doc.Text()) && !failing.MatchString(types[dir+"."+of]) {
				t.Errorf("%s: %s returns an error, and neither it nor its type says which", set.Position(f.Pos()),
					f.Name.Name)
			}
		}
	})
	if seen < 400 {
		t.Errorf("only %d functions were looked at", seen)
	}
}

// documentedTypes is what is said of each type, by package.Type.
func documentedTypes(t *testing.T) map[string]string {
	said := map[string]string{}
	each(t, func(path string, file *ast.File, _ *token.FileSet) {
		for _, d := range file.Decls {
			g, ok := d.(*ast.GenDecl)
			if !ok {
				continue
			}
			for _, spec := range g.Specs {
				if spec, ok := spec.(*ast.TypeSpec); ok {
					said[filepath.ToSlash(filepath.Dir(path))+"."+spec.Name.Name] = g.Doc.Text() + spec.Doc.Text()
				}
			}
		}
	})
	return said
}

func returnsError(f *ast.FuncDecl) bool {
	if f.Type.Results == nil {
		return false
	}
	for _, r := range f.Type.Results.List {
		if names(r.Type, "error") {
			return true
		}
	}
	return false
}

// receiverOf is the name of a method's type, also of a generic one, "" for a function.
func receiverOf(f *ast.FuncDecl) string {
	if f.Recv == nil {
		return ""
	}
	kind := f.Recv.List[0].Type
	if star, ok := kind.(*ast.StarExpr); ok {
		kind = star.X
	}
	switch generic := kind.(type) {
	case *ast.IndexExpr:
		kind = generic.X
	case *ast.IndexListExpr:
		kind = generic.X
	}
	if id, ok := kind.(*ast.Ident); ok {
		return id.Name
	}
	return ""
}

// sources are the words by which a number says where it is from: an institution's document, a standard, or us, with the
// reason.
var sources = regexp.MustCompile(`\b([Oo]urs|documents?|documented|believed|GB/?T?|RFC|ISO|NIST|OWASP|PCI|ECMA|JR/T)\b`)

// An exported constant that is a number says where it is from, so that whoever would change it knows whether they may:
// what an institution documents is not ours to choose.
func TestNumbersNameTheirSource(t *testing.T) {
	seen := 0
	each(t, func(path string, file *ast.File, set *token.FileSet) {
		if strings.HasPrefix(path, "handlers/") || strings.HasPrefix(path, "webhook/") {
			return
		}
		for _, d := range file.Decls {
			g, ok := d.(*ast.GenDecl)
			if !ok || g.Tok != token.CONST {
				continue
			}
			for _, spec := range g.Specs {
				spec := spec.(*ast.ValueSpec)
				said := g.Doc.Text() + spec.Doc.Text() + spec.Comment.Text()
				for i, name := range exported(spec.Names...) {
					if i >= len(spec.Values) || !isNumber(spec.Values[i]) {
						continue
					}
					if seen++; !sources.MatchString(said) {
						t.Errorf("%s: %s does not say where its number is from", set.Position(name.Pos()), name.Name)
					}
				}
			}
		}
	})
	if seen < 10 {
		t.Errorf("only %d numbers were looked at", seen)
	}
}

// isNumber reports whether a constant is made of integers: of a count, a time or an amount.
func isNumber(x ast.Expr) bool {
	number, other := false, false
	ast.Inspect(x, func(n ast.Node) bool {
		if n, ok := n.(*ast.BasicLit); ok {
			number, other = number || n.Kind == token.INT, other || n.Kind != token.INT
		}
		return true
	})
	return number && !other
}
