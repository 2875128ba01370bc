package handlers

import (
	"encoding/json"
	"os"
	"path/filepath"
	"reflect"
)

// example is a request that an operation takes and its answer, as JSON. The tests make them (example_test.go).
type example struct {
	Request json.RawMessage `json:"request,omitempty"`
	Answer  json.RawMessage `json:"answer,omitempty"`
}

// noneType is the type of no input and no answer.
var noneType = reflect.TypeFor[none]()

// examplesIn reads the kept examples by the ids of their operations.
func examplesIn(root string) (all map[string]example, err error) {
	raw, err := os.ReadFile(filepath.Join(root, "handlers", "examples.json"))
	if err == nil {
		err = json.Unmarshal(raw, &all)
	}
	return all, err
}

// exampled puts an example beside the schema of a body of JSON.
func exampled(content object, raw json.RawMessage) {
	if len(raw) > 0 {
		content["example"] = raw
	}
}
