package sandbox

import (
	"crypto/rand"
	"crypto/rsa"
	"sync"
)

// KeyPool keeps RSA keys for many sandboxes of one process: making them is most of a sandbox's start. The n-th key that
// each of those sandboxes draws is the same, so that the keys of one sandbox differ from each other and those of two do
// not. The zero value is ready.
type KeyPool struct {
	mu   sync.Mutex
	keys []func() (*rsa.PrivateKey, error)
}

// key returns what makes the n-th key once, from 0; there are n at least.
func (p *KeyPool) key(n int) func() (*rsa.PrivateKey, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if n == len(p.keys) {
		p.keys = append(p.keys, sync.OnceValues(func() (*rsa.PrivateKey, error) {
			return rsa.GenerateKey(rand.Reader, 2048)
		}))
	}
	return p.keys[n]
}
