package gatewaytest

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"linlipay/payment/gateway"
)

// inbox is our end of the notifications: one address per order. It answers as the gateway says that success is
// answered.
type inbox struct {
	server *httptest.Server
	answer func(error) gateway.Acknowledgement

	mu    sync.Mutex
	boxes map[string]chan gateway.RawNotification
	fails map[string]error // what an order's next notification is answered with
}

func newInbox(t *testing.T, answer func(error) gateway.Acknowledgement) *inbox {
	in := &inbox{answer: answer, boxes: map[string]chan gateway.RawNotification{}, fails: map[string]error{}}
	in.server = httptest.NewServer(in)
	t.Cleanup(in.server.Close)
	return in
}

// ServeHTTP takes a notification in.
func (in *inbox) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		panic(http.ErrAbortHandler)
	}
	order := strings.TrimPrefix(r.URL.Path, "/")
	in.mu.Lock()
	a := in.answer(in.fails[order])
	delete(in.fails, order)
	in.mu.Unlock()
	if a.ContentType != "" {
		w.Header().Set("Content-Type", a.ContentType)
	}
	w.WriteHeader(a.Status)
	w.Write(a.Body) // an institution that went away sends again
	in.box(order) <- gateway.RawNotification{Header: r.Header.Clone(), Body: body}
}

func (in *inbox) box(order string) chan gateway.RawNotification {
	in.mu.Lock()
	defer in.mu.Unlock()
	if in.boxes[order] == nil {
		in.boxes[order] = make(chan gateway.RawNotification, 100)
	}
	return in.boxes[order]
}

// address is where an order's notifications go.
func (in *inbox) address(order string) string { return in.server.URL + "/" + order }

// fail has the order's next notification answered with an error.
func (in *inbox) fail(order string, err error) {
	in.mu.Lock()
	defer in.mu.Unlock()
	in.fails[order] = err
}

// next is the order's next notification.
func (in *inbox) next(t *testing.T, order string) gateway.RawNotification {
	t.Helper()
	select {
	case m := <-in.box(order):
		return m
	case <-time.After(10 * time.Second):
		t.Fatalf("no notification of %s came", order)
		return gateway.RawNotification{}
	}
}
