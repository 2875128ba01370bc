package bench

import (
	"bufio"
	"bytes"
	"context"
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"path/filepath"
	"runtime"
	"strings"
	"sync/atomic"
	"time"

	"github.com/gofiber/fiber/v2"

	"linlipay/access"
	"linlipay/payment"
	"linlipay/payment/gateway"
	"linlipay/sqlite"
	"linlipay/store"
)

// limits measures what this machine can do at all.
func (b *bench) limits(dir string) func(context.Context) error {
	return func(ctx context.Context) error {
		b.say("this machine's limits")
		for _, limit := range []func() error{
			func() error { return b.writeLimit(ctx, filepath.Join(dir, "raw")) }, b.routeLimit, b.signLimit,
		} {
			if err := limit(); err != nil {
				return err
			}
		}
		return nil
	}
}

// writeLimit measures durable writes of the store alone.
func (b *bench) writeLimit(ctx context.Context, dir string) error {
	raw, err := sqlite.Open(ctx, dir)
	if err != nil {
		return err
	}
	if err := raw.Ensure(ctx, store.Schema{Name: "raw"}); err != nil {
		return errors.Join(err, raw.Close())
	}
	body := bytes.Repeat([]byte("x"), 2000)
	var n atomic.Int64
	b.measure("limit: raw durable inserts of 2 KB, 256 writers", 256, 2*time.Second, func() error {
		return raw.Insert(ctx, "raw", store.Doc{ID: fmt.Sprint(n.Add(1)), Body: body})
	})
	return raw.Close()
}

// routeLimit measures requests that nothing is done for.
func (b *bench) routeLimit() error {
	empty := fiber.New(fiber.Config{DisableStartupMessage: true})
	empty.Get("/", func(c *fiber.Ctx) error { return c.SendStatus(fiber.StatusNoContent) })
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	go empty.Listener(l) // ends with Shutdown
	b.measure("limit: empty Fiber route, 64 clients", 64, 2*time.Second, func() error {
		resp, err := b.client.Get("http://" + l.Addr().String())
		if err != nil {
			return err
		}
		return resp.Body.Close()
	})
	b.client.CloseIdleConnections() // a server ends only when its clients have gone
	return empty.ShutdownWithTimeout(5 * time.Second)
}

// signLimit measures signatures as the institutions ask for them.
func (b *bench) signLimit() error {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		return err
	}
	digest := sha256.Sum256([]byte("what is signed"))
	b.measure("limit: RSA-2048 signatures, all cores", runtime.NumCPU(), 2*time.Second, func() error {
		_, err := rsa.SignPKCS1v15(rand.Reader, key, crypto.SHA256, digest[:])
		return err
	})
	return nil
}

// orders measures orders made over HTTP.
func (b *bench) orders(ctx context.Context) error {
	for _, clients := range []int{1, 16, 64, 256} {
		b.say(fmt.Sprintf("orders, %d clients", clients))
		b.measure(fmt.Sprintf("orders created over HTTP, %d clients", clients), clients, 2*time.Second, func() error {
			select {
			case bill := <-b.bills:
				_, err := b.post(ctx, "/v1/orders", map[string]any{"unit": bill[0], "bills": []string{bill[1]}})
				return err
			default:
				return errNoBills
			}
		})
	}
	return nil
}

var errNoBills = errors.New("bench: the bills are used up")

// payable makes an order with an attempt that the bank knows, through the service, and returns the wallet's handle.
func (b *bench) payable(ctx context.Context, n int64, origin payment.Origin) (order, handle string, err error) {
	wanted := syntheticOrder(n)
	wanted.Origin = origin
	o, _, err := b.app.Payments.Create(ctx, wanted)
	if err != nil {
		return "", "", err
	}
	o, no, _, err := b.app.Payments.Attempt(ctx, o.ID,
		payment.NewAttempt{Wallet: gateway.WalletWeChat, Method: gateway.Native})
	if err != nil {
		return "", "", err
	}
	raw, err := b.wallet(ctx, "/scan", map[string]string{"content": o.Attempt(no).Prepared.CodeURL, "wallet": "wechat"})
	if err != nil {
		return "", "", err
	}
	var p struct{ ID string }
	err = json.Unmarshal(raw, &p)
	return o.ID, p.ID, err
}

// Billless owns the items of synthetic orders, which are no bills. None of its methods fails.
type Billless struct{}

// Settle settles nothing.
func (Billless) Settle(context.Context, *payment.Order) ([]string, error) { return nil, nil }

// Reopen opens nothing.
func (Billless) Reopen(context.Context, *payment.Order, *payment.Refund) error { return nil }

// Withhold and Release have nothing to set aside.
func (Billless) Withhold(context.Context, *payment.Order, *payment.Refund) error { return nil }

// Release frees nothing.
func (Billless) Release(context.Context, *payment.Order, *payment.Refund) error { return nil }

// KeepPrepayment keeps nothing.
func (Billless) KeepPrepayment(context.Context, *payment.Order, *payment.UnappliedFunds) error {
	return nil
}

func syntheticOrder(n int64) payment.NewOrder {
	return payment.NewOrder{
		Company: "c", Community: "bench", Title: "物业费", Origin: payment.Origin{Kind: payment.Counter, Staff: "bench"},
		Payer: payment.Payer{Unit: fmt.Sprint("u", n%5000), Label: fmt.Sprintf("1栋 1单元 %d", n%5000),
			Phone: fmt.Sprintf("199%08d", n%5000)},
		Items: []payment.Item{{Ref: fmt.Sprint("bench-", n), Title: "物业费 2026年11月", Amount: 100}},
	}
}

// payments measures the way from the payer's confirmation to the booked order. The bank signs on the same cores.
func (b *bench) payments(ctx context.Context) error {
	b.say("payments")
	const many = 1500
	var n atomic.Int64
	handles := make(chan string, many)
	begin := time.Now()
	if err := b.parallel(many, 32, func() error {
		_, handle, err := b.payable(ctx, n.Add(1), payment.Origin{Kind: payment.Counter})
		handles <- handle
		return err
	}); err != nil {
		return err
	}
	b.add(figure{What: "attempts opened at the institution (signed, verified)", Rate: rate(many, time.Since(begin))})
	close(handles)
	begin = time.Now()
	if err := b.parallel(many, 32, func() error {
		_, err := b.wallet(ctx, "/payments/"+<-handles+"/confirm", nil)
		return err
	}); err != nil {
		return err
	}
	if err := b.allBooked(ctx, many, begin.Add(time.Minute)); err != nil {
		return err
	}
	b.add(figure{What: "payments confirmed, notified, verified and booked", Rate: rate(many, time.Since(begin))})
	return nil
}

// allBooked waits until so many payments are booked.
func (b *bench) allBooked(ctx context.Context, many int, until time.Time) error {
	for paid := 0; paid < many; {
		found, err := b.booked(ctx)
		if err != nil {
			return err
		}
		if paid = int(found); paid < many {
			if time.Now().After(until) {
				return fmt.Errorf("bench: only %d of %d payments were booked", paid, many)
			}
			time.Sleep(5 * time.Millisecond)
		}
	}
	return nil
}

// booked counts the notifications by which a payment was booked.
func (b *bench) booked(ctx context.Context) (int64, error) {
	return b.app.Store.Count(ctx, "callbacks",
		store.Query{Index: "by_outcome", Equal: []any{"c", string(payment.OutcomeBooked)}})
}

// screen measures how long after the payer's confirmation a terminal's screen, over HTTP, is told that its order is
// paid.
func (b *bench) screen(ctx context.Context) error {
	b.say("screens")
	watching, stop := context.WithCancel(ctx)
	defer stop()
	paid, err := b.terminal(watching)
	if err != nil {
		return err
	}
	var took []time.Duration
	for i := range int64(100) {
		order, handle, err := b.payable(ctx, 1<<40+i, payment.Origin{Kind: payment.Terminal, Terminal: b.screenID})
		if err != nil {
			return err
		}
		begin := time.Now()
		if _, err := b.wallet(ctx, "/payments/"+handle+"/confirm", nil); err != nil {
			return err
		}
		if told(paid, order) {
			took = append(took, time.Since(begin))
		}
	}
	if len(took) < 100 {
		return errors.New("bench: the terminal's stream ended")
	}
	b.add(percentiles(figure{What: "payer confirms to terminal told over HTTP"}, took))
	return nil
}

// told waits until an order is among those that a stream tells of; false is that the stream ended.
func told(paid <-chan string, order string) bool {
	for id := range paid {
		if id == order {
			return true
		}
	}
	return false
}

// terminal follows the events of the terminal that synthetic orders are made at, and tells the paid ones.
func (b *bench) terminal(ctx context.Context) (<-chan string, error) {
	token, err := b.app.Access.Issue(ctx, access.Caller{Kind: access.TerminalKind, ID: b.screenID, Company: "c",
		Communities: []string{"bench"}})
	if err != nil {
		return nil, err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, b.base+"/v1/terminal/events", nil)
	if err != nil {
		return nil, err
	}
	req.Header.Set("Authorization", "Bearer "+token)
	resp, err := (&http.Client{}).Do(req) // without a time-out: it is a stream
	if err != nil {
		return nil, err
	}
	paid, connected := make(chan string, 1000), make(chan bool, 1)
	go func() {
		defer resp.Body.Close()
		defer close(paid)
		for lines := bufio.NewScanner(resp.Body); lines.Scan(); {
			data, ok := strings.CutPrefix(lines.Text(), "data: ")
			var o struct{ ID, Status string }
			if !ok || json.Unmarshal([]byte(data), &o) != nil {
				continue
			}
			if o.ID == "" {
				connected <- true // the snapshot
			} else if o.Status == string(payment.Paid) {
				paid <- o.ID
			}
		}
	}()
	<-connected
	return paid, nil
}

func (b *bench) memory(context.Context) error {
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	b.add(figure{What: "memory from the system, bank and clients included", Value: fmt.Sprintf("%d MiB", m.Sys>>20)})
	return nil
}

// growth measures making and finding orders as they grow in number.
func (b *bench) growth(stored []int) func(context.Context) error {
	return func(ctx context.Context) error {
		var n atomic.Int64
		n.Store(1 << 50)
		have := 0
		for _, want := range stored {
			b.say(fmt.Sprintf("filling up to %d stored orders", want))
			begin := time.Now()
			if err := b.createMany(ctx, want-have, &n); err != nil {
				return err
			}
			b.add(figure{What: fmt.Sprintf("orders created by the service, 256 at once, up to %d stored", want),
				Rate: rate(want-have, time.Since(begin))})
			have = want
			if err := b.lookups(ctx, want, &n); err != nil {
				return err
			}
		}
		return nil
	}
}

// createMany makes so many orders by the service, 256 at once.
func (b *bench) createMany(ctx context.Context, many int, n *atomic.Int64) error {
	return b.parallel(many, 256, func() error {
		_, _, err := b.app.Payments.Create(ctx, syntheticOrder(n.Add(1)))
		return err
	})
}

func (b *bench) lookups(ctx context.Context, stored int, n *atomic.Int64) error {
	var last string
	for _, kind := range []struct {
		what string
		do   func() error
	}{
		{"create", func() error {
			o, _, err := b.app.Payments.Create(ctx, syntheticOrder(n.Add(1)))
			if err == nil {
				last = o.ID
			}
			return err
		}},
		{"list of a company, newest 50", func() error {
			_, _, err := b.app.Payments.Find(ctx, payment.Filter{Company: "c", Limit: 50})
			return err
		}},
		{"search by phone", func() error {
			_, _, err := b.app.Payments.Find(ctx, payment.Filter{Company: "c", Search: "19900000042", Limit: 50})
			return err
		}},
		{"one by number", func() error {
			_, err := b.app.Payments.Get(ctx, last)
			return err
		}},
	} {
		var took []time.Duration
		for range 300 {
			begin := time.Now()
			if err := kind.do(); err != nil {
				return err
			}
			took = append(took, time.Since(begin))
		}
		b.add(percentiles(figure{What: fmt.Sprintf("%d stored: %s", stored, kind.what)}, took))
	}
	return nil
}
