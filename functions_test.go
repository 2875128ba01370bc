package main

import (
	"go/ast"
	"go/token"
	"path/filepath"
	"slices"
	"testing"
)

// Nine of ten functions of a package have at most longestOfNine lines, half of them at most longestOfHalf, from the
// line that says func to the one with the last brace.
const (
	longestOfHalf = 10
	longestOfNine = 30
)

func TestFunctionsAreShort(t *testing.T) {
	lines := map[string][]int{}
	each(t, func(path string, file *ast.File, set *token.FileSet) {
		dir := filepath.ToSlash(filepath.Dir(path))
		for _, d := range file.Decls {
			if f, ok := d.(*ast.FuncDecl); ok {
				lines[dir] = append(lines[dir], set.Position(f.End()).Line-set.Position(f.Pos()).Line+1)
			}
		}
	})
	for dir, n := range lines {
		slices.Sort(n)
		half, nine := n[len(n)/2], n[(len(n)*9-1)/10]
		if half > longestOfHalf || nine > longestOfNine {
			t.Errorf("%s: half of the functions have up to %d lines, nine of ten up to %d; at most %d and %d",
				dir, half, nine, longestOfHalf, longestOfNine)
		}
	}
}
