package app

import (
	"context"
	"fmt"
	"math/rand/v2"
	"testing"
	"time"
)

// A real server on SQLite is killed with -9 at random moments under load, its start included, and started again:
// LINLIPAY_TEST_KILLS times, a few in everyday tests. After each death verifying finds nothing, and the store
// has all that was acknowledged to a desk or to an institution. In the end nothing is pending, our ledger is the
// institutions', and no bill was paid twice.
func TestKill9InTheMiddleOfPayments(t *testing.T) {
	kills := times(t, "LINLIPAY_TEST_KILLS", 8)
	b := newBusiness(t, "sqlite:"+t.TempDir(), port(t), 40+2*kills)
	load, stop := context.WithCancel(t.Context())
	desks := b.work(load, 10)
	start, died, life := time.Now(), 0, lifeMost
	for died < kills && !t.Failed() {
		born, server := time.Now(), b.serve()
		if died%8 != 7 { // every eighth dies young
			ready(t, b.base)
			life = lifeMost + time.Since(born) // a slow machine has slow servers
		}
		if died == 0 {
			b.busyUntil(t, 5)
		}
		time.Sleep(rand.N(life)) // a moment to die at, not a condition
		server.Process.Kill()
		server.Wait()
		died++
		b.dead(t, died)
	}
	t.Logf("killed %d times, one in %s", died, (time.Since(start) / time.Duration(died)).Round(time.Millisecond))
	stop()
	desks.Wait()
	b.end(t.Context(), 90*time.Second)
	if n := len(b.ledger()); n < kills {
		t.Errorf("the institutions saw %d movements of money in %d lives", n, kills)
	}
}

// lifeMost is the longest that a server lives once it is ready, beside as long as it took to be: several payments long.
const lifeMost = 700 * time.Millisecond

// dead examines what a killed server left.
func (b *business) dead(t *testing.T, n int) {
	t.Helper()
	if out, err := b.command("verify").CombinedOutput(); err != nil {
		t.Errorf("after death %d: verify: %v: %s", n, err, out)
	}
	a := b.open(t.Context(), "127.0.0.1:0")
	b.kept(t.Context(), a, false)
	if err := a.Close(); err != nil {
		t.Error(fmt.Errorf("after death %d: %w", n, err))
	}
}
