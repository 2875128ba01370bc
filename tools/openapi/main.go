// Command openapi rewrites handlers/openapi.json, the kept copy of the OpenAPI document, from the code. It runs in any
// directory of the module.
package main

import (
	"log"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"linlipay/handlers"
)

func main() {
	out, err := exec.Command("go", "list", "-m", "-f", "{{.Dir}}").Output()
	if err != nil {
		log.Fatal(err)
	}
	root := strings.TrimSpace(string(out))
	document, err := handlers.Describe(root)
	if err != nil {
		log.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(root, "handlers", "openapi.json"), document, 0o644); err != nil {
		log.Fatal(err)
	}
}
