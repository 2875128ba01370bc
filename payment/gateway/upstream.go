package gateway

import (
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"sync"
	"time"
)

// What gateways share on their way to an institution.

// NewTransport is the transport to institutions: certificates are verified, every phase has a time-out, connections are
// kept, and none is made beyond its reach. No proxy is used.
func NewTransport(r Reach) *http.Transport {
	return &http.Transport{
		DialContext: (&net.Dialer{Timeout: 5 * time.Second, KeepAlive: 30 * time.Second, Control: r.control}).
			DialContext,
		TLSClientConfig:       &tls.Config{MinVersion: tls.VersionTLS12},
		TLSHandshakeTimeout:   5 * time.Second,
		ResponseHeaderTimeout: 10 * time.Second,
		IdleConnTimeout:       90 * time.Second,
		MaxIdleConnsPerHost:   64,
		ForceAttemptHTTP2:     true,
	}
}

// answerLimit bounds an institution's answer, in bytes; statements are fetched another way.
const answerLimit = 1 << 20

// ReadAnswer reads an institution's answer whole; one that is too long is an error, never cut short.
func ReadAnswer(body io.ReadCloser) ([]byte, error) {
	raw, err := io.ReadAll(io.LimitReader(body, answerLimit+1))
	if err := errors.Join(err, body.Close()); err != nil {
		return nil, err
	}
	if len(raw) > answerLimit {
		return nil, fmt.Errorf("payment: the institution's answer is longer than %d bytes", answerLimit)
	}
	return raw, nil
}

// Clients keeps one client per merchant account and version of its settings.
type Clients[T any] struct {
	mu      sync.Mutex
	clients map[string]versioned[T]
}

type versioned[T any] struct {
	version int64
	client  T
}

// Get returns the account's client, making it when its settings are new.
func (c *Clients[T]) Get(a Account, dial func(Account) (T, error)) (T, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if have, ok := c.clients[a.ID]; ok && have.version == a.Version {
		return have.client, nil
	}
	client, err := dial(a)
	if err != nil {
		return client, err
	}
	if c.clients == nil {
		c.clients = map[string]versioned[T]{}
	}
	c.clients[a.ID] = versioned[T]{a.Version, client}
	return client, nil
}
