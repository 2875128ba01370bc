// Package web is the front ends, built into dist and embedded: the terminal's screen, the resident's pages, the staff's
// console and the sandbox's wallet.
package web

import (
	"embed"
	"io/fs"
)

//go:embed all:dist
var dist embed.FS

// Dist is the built pages. It holds none of them when the binary was built without `npm run build`; Built tells.
func Dist() fs.FS {
	sub, err := fs.Sub(dist, "dist")
	if err != nil {
		panic("web: dist is not embedded: " + err.Error())
	}
	return sub
}

// Built reports whether the pages were built into this binary.
func Built() bool {
	_, err := fs.Stat(Dist(), "index.html")
	return err == nil
}
