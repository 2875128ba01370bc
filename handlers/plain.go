package handlers

import (
	_ "embed"
	"html/template"
)

// The pages that need no script, for who lost their way and for makers of other systems: what all of their heads hold
// stands once, in plain.html.

//go:embed plain.html
var plainFile string

// plainPage is the template of a page that begins with the common head.
func plainPage(name, file string) *template.Template {
	return template.Must(template.Must(template.New(name).Parse(plainFile)).Parse(file))
}
