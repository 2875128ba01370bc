package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// Lines are at most 120 columns: characters, with four for a tab.
const columns = 120

// TestLinesFit reads every file of source that is kept, so that two stand side by side on a screen.
func TestLinesFit(t *testing.T) {
	for _, name := range tracked(t) {
		if strings.HasSuffix(name, ".gen.ts") {
			continue // made by a program, for one
		}
		switch filepath.Ext(name) {
		case ".go", ".ts", ".vue", ".css", ".mjs":
		default:
			continue
		}
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		for i, line := range strings.Split(string(text), "\n") {
			if n := len([]rune(strings.ReplaceAll(line, "\t", "    "))); n > columns {
				t.Errorf("%s:%d: %d columns, at most %d", name, i+1, n, columns)
			}
		}
	}
}

// tracked are the files that git keeps, by their paths from the root.
func tracked(t *testing.T) []string {
	t.Helper()
	out, err := exec.Command("git", "ls-files", "-z").Output()
	if err != nil {
		t.Fatalf("git ls-files: %v", err)
	}
	return strings.Split(strings.TrimSuffix(string(out), "\x00"), "\x00")
}
