package handlers

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"reflect"
	"strconv"
	"strings"
)

// sources are the module's Go files in the directory root, read package by package: where the comments and the
// constants of types come from.
type sources struct {
	root     string
	packages map[string]*source
}

// source is what is known of a package: comments by type, by type and field, and the constants by type.
type source struct {
	docs, fields map[string]string
	values       map[string][]constant
}

// constant is a value of a string type, with what its comment says.
type constant struct{ value, says string }

func (s *types) failed(format string, args ...any) {
	if s.err == nil {
		s.err = fmt.Errorf(format, args...)
	}
}

// constants are the values that a type has in its own package, in the order of the source, and the type's comment.
func (s *types) constants(t reflect.Type) (doc string, values []constant) {
	p := s.source(t)
	return p.docs[t.Name()], p.values[t.Name()]
}

func (s *types) typeDoc(t reflect.Type) string {
	name, _, _ := strings.Cut(t.Name(), "[")
	return s.source(t).docs[name]
}

func (s *types) fieldDoc(t reflect.Type, field string) string {
	name, _, _ := strings.Cut(t.Name(), "[")
	return s.source(t).fields[name+"."+field]
}

// source reads the package of a type; one that is not of this module says nothing.
func (s *types) source(t reflect.Type) *source {
	dir, ours := strings.CutPrefix(t.PkgPath(), "linlipay/")
	if !ours {
		return &source{}
	}
	if known := s.packages[dir]; known != nil {
		return known
	}
	p := &source{map[string]string{}, map[string]string{}, map[string][]constant{}}
	if s.packages == nil {
		s.packages = map[string]*source{}
	}
	s.packages[dir] = p
	files, err := os.ReadDir(filepath.Join(s.root, dir))
	if err != nil {
		s.failed("the source of %s: %v", t, err)
	}
	for _, f := range files {
		if strings.HasSuffix(f.Name(), ".go") && !strings.HasSuffix(f.Name(), "_test.go") {
			s.read(p, filepath.Join(s.root, dir, f.Name()))
		}
	}
	return p
}

func (s *types) read(p *source, file string) {
	parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.ParseComments|parser.SkipObjectResolution)
	if err != nil {
		s.failed("%s: %v", file, err)
		return
	}
	for _, d := range parsed.Decls {
		block, ok := d.(*ast.GenDecl)
		if !ok {
			continue
		}
		for _, spec := range block.Specs {
			switch spec := spec.(type) {
			case *ast.TypeSpec:
				p.readType(spec, block.Doc)
			case *ast.ValueSpec:
				if block.Tok == token.CONST {
					s.readConstant(p, spec)
				}
			}
		}
	}
}

func (p *source) readType(spec *ast.TypeSpec, block *ast.CommentGroup) {
	name := spec.Name.Name
	p.docs[name] = said(spec.Doc)
	if p.docs[name] == "" {
		p.docs[name] = said(block)
	}
	p.docs[name] = withoutName(p.docs[name], name)
	of, ok := spec.Type.(*ast.StructType)
	if !ok {
		return
	}
	for _, f := range of.Fields.List {
		for _, n := range f.Names {
			p.fields[name+"."+n.Name] = strings.TrimSpace(said(f.Doc) + " " + said(f.Comment))
		}
	}
}

// readConstant keeps a constant of a named string type. The empty one is where nothing is said: JSON leaves it out.
func (s *types) readConstant(p *source, spec *ast.ValueSpec) {
	of, ok := spec.Type.(*ast.Ident)
	if !ok || !ast.IsExported(of.Name) {
		return
	}
	for i, n := range spec.Names {
		text, ok := spec.Values[i].(*ast.BasicLit)
		if !ok || text.Kind != token.STRING {
			continue
		}
		value, err := strconv.Unquote(text.Value)
		if err != nil {
			s.failed("the constant %s: %v", n.Name, err)
		}
		if value != "" {
			p.values[of.Name] = append(p.values[of.Name],
				constant{value, strings.TrimSpace(said(spec.Doc) + " " + said(spec.Comment))})
		}
	}
}

// said is a comment as one line.
func said(c *ast.CommentGroup) string { return strings.Join(strings.Fields(c.Text()), " ") }

// withoutName takes a Go name, which nobody else knows, from the beginning of a type's comment.
func withoutName(doc, name string) string {
	rest, ok := strings.CutPrefix(doc, name+" ")
	if !ok {
		return doc
	}
	for _, verb := range []string{"is ", "are "} {
		rest = strings.TrimPrefix(rest, verb)
	}
	return strings.ToUpper(rest[:1]) + rest[1:]
}
