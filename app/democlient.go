package app

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"linlipay/access"
)

// The demo's own API client, so that what docs/integration.md says can be tried at once: it may do all that a client
// may, for the first of the companies. Its key is kept beside the demo's store, which a real server never does.

// client is the key of the demo's API client, which is made at the first start, and anew where it counts no more.
func (d demo) client(ctx context.Context, a *App) (string, error) {
	path := filepath.Join(d.dir, "api.key")
	raw, err := os.ReadFile(path)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return "", err
	}
	if key := strings.TrimSpace(string(raw)); key != "" {
		if _, err := a.Access.Verify(ctx, key); err == nil {
			return key, nil
		}
	}
	shell := access.Shell(demoCompanies()[0].id)
	c, err := a.Access.AddClient(ctx, shell, "演示 ERP", 0, access.Grant{Rights: access.ClientRights()})
	if err != nil {
		return "", err
	}
	_, key, err := a.Access.MakeKey(ctx, shell, c.ID, time.Time{})
	if err != nil {
		return "", err
	}
	return key, os.WriteFile(path, []byte(key+"\n"), 0o600)
}
