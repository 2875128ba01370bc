package main

import (
	"go/ast"
	"go/token"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

func TestExportedNamesAreDocumented(t *testing.T) {
	each(t, func(path string, file *ast.File, set *token.FileSet) {
		for _, d := range file.Decls {
			for _, name := range undocumented(d) {
				t.Errorf("%s: %s is not documented", set.Position(name.Pos()), name.Name)
			}
		}
	})
}

// undocumented are the exported functions, types, constants, variables and methods of interfaces that a declaration
// says nothing about. A group of constants or variables may be told by what stands above it or beside each.
func undocumented(d ast.Decl) (names []*ast.Ident) {
	switch d := d.(type) {
	case *ast.FuncDecl:
		if d.Doc == nil {
			names = exported(d.Name)
		}
	case *ast.GenDecl:
		for _, spec := range d.Specs {
			switch spec := spec.(type) {
			case *ast.TypeSpec:
				if d.Doc == nil && spec.Doc == nil {
					names = append(names, exported(spec.Name)...)
				}
				names = append(names, undocumentedMembers(spec)...)
			case *ast.ValueSpec:
				if d.Doc == nil && spec.Doc == nil && spec.Comment == nil {
					names = append(names, exported(spec.Names...)...)
				}
			}
		}
	}
	return names
}

// undocumentedMembers are the methods of an interface that have neither a comment above them nor beside.
func undocumentedMembers(spec *ast.TypeSpec) (names []*ast.Ident) {
	i, ok := spec.Type.(*ast.InterfaceType)
	if !ok || !spec.Name.IsExported() {
		return nil
	}
	for _, m := range i.Methods.List {
		if m.Doc == nil && m.Comment == nil {
			names = append(names, exported(m.Names...)...)
		}
	}
	return names
}

func exported(names ...*ast.Ident) (list []*ast.Ident) {
	for _, n := range names {
		if n.IsExported() {
			list = append(list, n)
		}
	}
	return list
}

// An exported function says by name which faults it returns: whoever calls it need not read it to know what to answer.
// A fault counts that it makes where it returns it, or that a function of the package does which does nothing else.
func TestFaultsAreNamedWhereTheyAreReturned(t *testing.T) {
	seen, makers := 0, faultMakers(t)
	each(t, func(path string, file *ast.File, set *token.FileSet) {
		for _, d := range file.Decls {
			f, ok := d.(*ast.FuncDecl)
			if !ok || f.Body == nil || !f.Name.IsExported() {
				continue
			}
			for _, code := range faultsReturned(f, makers[filepath.Dir(path)]) {
				if seen++; !strings.Contains(f.Doc.Text(), code) {
					t.Errorf("%s: %s returns the fault %s and does not say so", set.Position(f.Pos()), f.Name.Name,
						code)
				}
			}
		}
	})
	if seen < 50 {
		t.Errorf("only %d faults were looked at", seen)
	}
}

// faultMakers are, by package, the functions that do nothing but make a fault, with its code.
func faultMakers(t *testing.T) map[string]map[string]string {
	makers := map[string]map[string]string{}
	each(t, func(path string, file *ast.File, _ *token.FileSet) {
		dir := filepath.Dir(path)
		for _, d := range file.Decls {
			f, ok := d.(*ast.FuncDecl)
			if !ok || f.Recv != nil || f.Body == nil || len(f.Body.List) != 1 {
				continue
			}
			r, ok := f.Body.List[0].(*ast.ReturnStmt)
			if !ok || len(r.Results) != 1 {
				continue
			}
			if codes := faultsMade(r.Results[0], nil); len(codes) == 1 {
				if makers[dir] == nil {
					makers[dir] = map[string]string{}
				}
				makers[dir][f.Name.Name] = codes[0]
			}
		}
	})
	return makers
}

// faultsReturned are the codes of the faults that a function makes where it returns them, or a function within it does.
func faultsReturned(f *ast.FuncDecl, makers map[string]string) (codes []string) {
	ast.Inspect(f.Body, func(n ast.Node) bool {
		r, ok := n.(*ast.ReturnStmt)
		if !ok {
			return true
		}
		for _, result := range r.Results {
			codes = append(codes, faultsMade(result, makers)...)
		}
		return true
	})
	slices.Sort(codes)
	return slices.Compact(codes)
}

// faultsMade are the codes in fault.New(fault.Code, …), and of calls of the functions that make one.
func faultsMade(x ast.Expr, makers map[string]string) (codes []string) {
	ast.Inspect(x, func(n ast.Node) bool {
		call, ok := n.(*ast.CallExpr)
		if !ok {
			return true
		}
		if name, ok := call.Fun.(*ast.Ident); ok && makers[name.Name] != "" {
			codes = append(codes, makers[name.Name])
		}
		if len(call.Args) == 0 || !selects(call.Fun, "New") {
			return true
		}
		if code, ok := call.Args[0].(*ast.SelectorExpr); ok && names(code.X, "fault") {
			codes = append(codes, code.Sel.Name)
		}
		return true
	})
	return codes
}

// boundNames are names of numbers that bound or measure something, and units what such a number may count.
var (
	boundNames = regexp.MustCompile(`(?i)(limit|most|max|size|length|timeout|life|window|interval|bound|delay|wait|` +
		`period|percent|per(second|minute|day))s?$`)
	units = regexp.MustCompile(`(?i)(accounts|address|attempts|bytes|callers|calls|characters|clients|communities|` +
		`connections|crashes|days|digits|documents|endpoints|entities|events|fen|fields|homes|hours|items|keys|lines|` +
		`messages|minutes|months|orders|per_second|pixels|refunds|results|rights|rows|seconds|things|` +
		`times|units|values|weeks)`)
)

// A constant or a field that bounds or measures something and is a plain integer says what it counts, in its name or
// beside it. Times are time.Duration and amounts money.Fen, which say it by themselves.
func TestBoundsSayTheirUnit(t *testing.T) {
	seen := 0
	each(t, func(path string, file *ast.File, set *token.FileSet) {
		for _, d := range file.Decls {
			for _, b := range boundsIn(d) {
				if seen++; !units.MatchString(b.said + b.name.Name) {
					t.Errorf("%s: %s does not say what it counts", set.Position(b.name.Pos()), b.name.Name)
				}
			}
		}
	})
	if seen < 60 {
		t.Errorf("only %d bounds were looked at", seen)
	}
}

// bound is a constant or a field named like one, and all that is said of it.
type bound struct {
	name *ast.Ident
	said string
}

func boundsIn(d ast.Decl) (list []bound) {
	g, ok := d.(*ast.GenDecl)
	if !ok {
		return nil
	}
	for _, spec := range g.Specs {
		switch spec := spec.(type) {
		case *ast.ValueSpec:
			said := g.Doc.Text() + spec.Doc.Text() + spec.Comment.Text()
			for i, name := range spec.Names {
				constant := g.Tok == token.CONST && spec.Type == nil && i < len(spec.Values)
				if constant && plainNumber(spec.Values[i]) && boundNames.MatchString(name.Name) {
					list = append(list, bound{name, said})
				}
			}
		case *ast.TypeSpec:
			list = append(list, boundFields(spec, g.Doc.Text()+spec.Doc.Text())...)
		}
	}
	return list
}

// boundFields are the fields of plain integers of a struct that are named like bounds.
func boundFields(spec *ast.TypeSpec, doc string) (list []bound) {
	s, ok := spec.Type.(*ast.StructType)
	if !ok {
		return nil
	}
	for _, f := range s.Fields.List {
		if !names(f.Type, "int") && !names(f.Type, "int64") {
			continue
		}
		said := doc + f.Doc.Text() + f.Comment.Text()
		if f.Tag != nil {
			said += f.Tag.Value
		}
		for _, name := range f.Names {
			if boundNames.MatchString(name.Name) {
				list = append(list, bound{name, said})
			}
		}
	}
	return list
}

// plainNumber reports whether a constant is a number by itself: no text, and made of no name, which would say its unit.
func plainNumber(x ast.Expr) bool {
	plain := true
	ast.Inspect(x, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.Ident:
			plain = false
		case *ast.BasicLit:
			plain = plain && n.Kind == token.INT
		}
		return true
	})
	return plain
}

// moneyNames are names of amounts of money.
var moneyNames = regexp.MustCompile(`(?i)(amount|fee|price|balance|tendered|surplus|refunded|taken|owed)s?$`)

// Amounts are money.Fen. An integer of another type that is named like one, as a parameter, a result or a field, says
// its unit in its name or in what stands above it.
func TestAmountsSayTheirUnit(t *testing.T) {
	seen := 0
	each(t, func(path string, file *ast.File, set *token.FileSet) {
		for _, d := range file.Decls {
			for _, of := range integersIn(d) {
				for _, name := range of.field.Names {
					said := of.doc + of.field.Doc.Text() + of.field.Comment.Text()
					if seen++; moneyNames.MatchString(name.Name) && !strings.Contains(said, "fen") {
						t.Errorf("%s: %s is an integer without a unit: give it the type money.Fen",
							set.Position(name.Pos()), name.Name)
					}
				}
			}
		}
	})
	if seen < 300 {
		t.Errorf("only %d integers were looked at", seen)
	}
}

// integer is a field, parameter or result of a plain integer type, and what stands above its declaration.
type integer struct {
	doc   string
	field *ast.Field
}

func integersIn(d ast.Decl) (list []integer) {
	doc := ""
	switch d := d.(type) {
	case *ast.FuncDecl:
		doc = d.Doc.Text()
	case *ast.GenDecl:
		doc = d.Doc.Text()
	}
	ast.Inspect(d, func(n ast.Node) bool {
		f, ok := n.(*ast.Field)
		if ok && (names(f.Type, "int64") || names(f.Type, "int")) {
			list = append(list, integer{doc, f})
		}
		return true
	})
	return list
}
