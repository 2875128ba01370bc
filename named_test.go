package main

import (
	"go/ast"
	"go/token"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// ofOthers are names that stand in the documents and are another's: of MongoDB's addresses, cookies and the pages.
var ofOthers = []string{"timeoutMS", "serverSelectionTimeoutMS", "Secure", "HttpOnly", "useAddress", "usePages"}

// What the documents name in backquotes is there: a file by its path, a name as package.Name, package.Type.Member or,
// where it has capital letters, by itself. Whoever has read them finds it under the name that they read.
func TestDocumentsNameWhatThereIs(t *testing.T) {
	known, quoted, seen := declared(t), regexp.MustCompile("`([^`\n]+)`"), 0
	for _, document := range []string{"docs/architecture.md", "docs/glossary.md", "docs/add-an-institution.md",
		"docs/state-machine.md", "README.md"} {
		text, err := os.ReadFile(document)
		if err != nil {
			t.Fatal(err)
		}
		for _, word := range quoted.FindAllStringSubmatch(string(text), -1) {
			if there, names := known.has(word[1]); names && !slices.Contains(ofOthers, word[1]) {
				if seen++; !there {
					t.Errorf("%s names %s, which is not there", document, word[1])
				}
			}
		}
	}
	if seen < 150 {
		t.Errorf("only %d names were looked at", seen)
	}
}

// declarations are the names that each package declares, "Type.Member" among them, the packages and the files.
type declarations struct {
	names map[string]map[string]bool // by the last part of the package's path
	files map[string]bool            // by path and by name alone
}

var (
	qualified = regexp.MustCompile(`^([a-z]+)\.([A-Z]\w*(?:\.[A-Z]\w*)?)(?:\(.*\))?$`)
	bare      = regexp.MustCompile(`^[A-Z]?[a-z]+[A-Z]\w*$|^[A-Z][a-z]\w*\.\w+$|^[A-Z][a-z]+$`)
	fileName  = regexp.MustCompile(`^[\w./-]+\.(go|ts|vue|mjs|css|sh)$`)
)

// has reports whether a word names something of the code, and whether that is there.
func (d declarations) has(word string) (there, names bool) {
	if fileName.MatchString(word) {
		return d.files[word] || d.files[path.Base(word)] && !strings.Contains(word, "/"), true
	}
	if m := qualified.FindStringSubmatch(word); m != nil && d.names[m[1]] != nil {
		return d.names[m[1]][m[2]], true
	}
	if !bare.MatchString(word) {
		return false, false
	}
	for _, names := range d.names {
		if names[word] {
			return true, true
		}
	}
	return false, true
}

func declared(t *testing.T) declarations {
	t.Helper()
	d := declarations{map[string]map[string]bool{}, map[string]bool{}}
	each(t, func(at string, file *ast.File, _ *token.FileSet) {
		pkg := file.Name.Name
		if d.names[pkg] == nil {
			d.names[pkg] = map[string]bool{}
		}
		for _, decl := range file.Decls {
			for _, name := range namesOf(decl) {
				d.names[pkg][name] = true
			}
		}
	})
	for _, root := range []string{".", "web/src", "web/browser", "scripts", "tools", "payment/gateway"} {
		d.walk(t, root)
	}
	return d
}

// walk notes the files below a directory, by their path from the root and from there.
func (d declarations) walk(t *testing.T, root string) {
	t.Helper()
	err := filepath.WalkDir(root, func(at string, e os.DirEntry, err error) error {
		if err == nil && e.IsDir() && e.Name() == "node_modules" {
			return filepath.SkipDir
		}
		from, _ := filepath.Rel(root, at)
		d.files[filepath.ToSlash(at)], d.files[filepath.ToSlash(from)], d.files[e.Name()] = true, true, true
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// namesOf are the names that a declaration makes, methods and fields as Type.Name.
func namesOf(decl ast.Decl) (all []string) {
	switch decl := decl.(type) {
	case *ast.FuncDecl:
		if of := receiver(decl); of != "" {
			return []string{of + "." + decl.Name.Name, decl.Name.Name}
		}
		return []string{decl.Name.Name}
	case *ast.GenDecl:
		for _, spec := range decl.Specs {
			switch spec := spec.(type) {
			case *ast.ValueSpec:
				for _, name := range spec.Names {
					all = append(all, name.Name)
				}
			case *ast.TypeSpec:
				all = append(append(all, spec.Name.Name), members(spec)...)
			}
		}
	}
	return all
}

// members are a type's fields, or the methods of an interface.
func members(spec *ast.TypeSpec) (all []string) {
	var fields *ast.FieldList
	switch kind := spec.Type.(type) {
	case *ast.StructType:
		fields = kind.Fields
	case *ast.InterfaceType:
		fields = kind.Methods
	default:
		return nil
	}
	for _, f := range fields.List {
		for _, name := range f.Names {
			all = append(all, spec.Name.Name+"."+name.Name, name.Name)
		}
	}
	return all
}
