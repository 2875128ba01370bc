package bench

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
)

func (b *bench) get(ctx context.Context, path string) ([]byte, error) {
	return b.ask(ctx, "GET", b.base+path, nil)
}

func (b *bench) post(ctx context.Context, path string, in any) ([]byte, error) {
	return b.ask(ctx, "POST", b.base+path, in)
}

func (b *bench) wallet(ctx context.Context, path string, in any) ([]byte, error) {
	return b.ask(ctx, "POST", b.bank.Credentials().ControlURL+path, in)
}

func (b *bench) ask(ctx context.Context, method, address string, in any) ([]byte, error) {
	raw, err := json.Marshal(in)
	if err != nil {
		return nil, err
	}
	req, err := http.NewRequestWithContext(ctx, method, address, bytes.NewReader(raw))
	if err != nil {
		return nil, err
	}
	req.Header.Set("Content-Type", "application/json")
	if b.token != "" {
		req.Header.Set("Authorization", "Bearer "+b.token)
	}
	resp, err := b.client.Do(req)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	answer, err := io.ReadAll(resp.Body)
	if err == nil && resp.StatusCode >= 300 {
		err = fmt.Errorf("bench: %s answered %d: %s", address, resp.StatusCode, answer)
	}
	return answer, err
}
