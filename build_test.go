package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// TestBuildInstallsPackages runs scripts/build where go, node and npm only leave a trace, up to the installation of the
// pages' packages. It says that it installs, and never does so through a symbolic link.
func TestBuildInstallsPackages(t *testing.T) {
	for name, c := range map[string]struct {
		linked    bool
		installed bool
		says      string
	}{
		"a fresh checkout": {installed: true, says: "installing packages…"},
		"a symbolic link":  {linked: true, says: "web/node_modules is a symbolic link to"},
	} {
		t.Run(name, func(t *testing.T) {
			root := checkout(t)
			elsewhere := filepath.Join(t.TempDir(), "node_modules")
			if c.linked {
				must(t, os.Mkdir(elsewhere, 0o755))
				must(t, os.Symlink(elsewhere, filepath.Join(root, "web/node_modules")))
			}
			cmd := exec.Command(filepath.Join(root, "scripts/build"))
			cmd.Env = append(os.Environ(), "PATH="+filepath.Join(root, "tools")+":"+os.Getenv("PATH"))
			said, err := cmd.CombinedOutput()
			if err == nil {
				t.Fatal("the stand-in for npm fails, so that nothing is built")
			}
			_, missing := os.Stat(filepath.Join(root, "installed"))
			if (missing == nil) != c.installed || !strings.Contains(string(said), c.says) {
				t.Errorf("installed: %v, want %v; it said %q, want %q", missing == nil, c.installed, said, c.says)
			}
		})
	}
}

// checkout is a directory with the script and stand-ins for what it calls. npm leaves a trace and fails.
func checkout(t *testing.T) string {
	t.Helper()
	root := t.TempDir()
	script, err := os.ReadFile("scripts/build")
	must(t, err)
	for _, dir := range []string{"scripts", "tools", "web"} {
		must(t, os.Mkdir(filepath.Join(root, dir), 0o755))
	}
	must(t, os.WriteFile(filepath.Join(root, "scripts/build"), script, 0o755))
	must(t, os.WriteFile(filepath.Join(root, "web/package-lock.json"), nil, 0o644))
	for name, does := range map[string]string{"go": "true", "node": "true", "npm": "touch ../installed; exit 1"} {
		must(t, os.WriteFile(filepath.Join(root, "tools", name), []byte("#!/bin/sh\n"+does+"\n"), 0o755))
	}
	return root
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
