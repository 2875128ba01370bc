package gateway

import (
	"errors"
	"fmt"
	"io"
	"linlipay/host"
	"net/http"
	"sync"
	"time"
)

// What gateways share on their way to an institution.

// Wire is how a gateway reaches its institution.
type Wire struct {
	Transport http.RoundTripper
	Timeout   time.Duration // of one question, its answer read whole
}

// NewWire is a gateway's way over a transport; nil is one that reaches this machine too, for trials.
func NewWire(transport http.RoundTripper, timeout time.Duration) Wire {
	if transport == nil {
		transport = host.NewTransport(host.PublicOrLoopback)
	}
	return Wire{transport, timeout}
}

// Client asks over the wire. It follows no redirect: the institutions send none, and another host must not get what was
// signed for one of them.
func (w Wire) Client() *http.Client {
	return &http.Client{Transport: w.Transport, Timeout: w.Timeout, CheckRedirect: StayPut}
}

// Verifying is Client where verify judges every answer first: see Verifier.
func (w Wire) Verifying(verify func(header http.Header, body []byte) error) *http.Client {
	client := w.Client()
	client.Transport = &Verifier{Next: w.Transport, Verify: verify}
	return client
}

// StayPut is a http.Client's CheckRedirect that hands a redirect back as the answer. It always returns
// http.ErrUseLastResponse.
func StayPut(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }

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

// Get returns the account's client, making it when its settings are new. Its error is dial's, and nothing is kept then.
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
