// Package docs holds the pages for makers of other systems, so that the binary can show them as it shows the reference.
package docs

import "embed"

// Files are the guides in both languages, and the examples that they name.
//
//go:embed integration.md integration.zh-CN.md webhooks.md webhooks.zh-CN.md examples
var Files embed.FS
