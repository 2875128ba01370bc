package app

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"linlipay/mongo/mongotest"
)

// Two processes on one database with change streams; nothing happens for LINLIPAY_TEST_IDLE seconds, a few in everyday
// tests but always longer than a client waits for an answer (a second here), and then an order that is made at one
// appears on the terminal that is connected to the other.
func TestAnOrderReachesTheTerminalAfterAnIdleTime(t *testing.T) {
	idle := time.Duration(times(t, "LINLIPAY_TEST_IDLE", 3)) * time.Second
	database := mongotest.Play(t).URI("timeoutMS=1000")
	dir := t.TempDir()
	facts := startDemo(t, database, dir, workbooks(t))
	key, err := os.ReadFile(filepath.Join(dir, "secret.key"))
	if err != nil {
		t.Fatal(err)
	}
	var bases []string
	for range 2 {
		listen := port(t)
		run(t, []string{
			"LINLIPAY_STORE=" + database, "LINLIPAY_LISTEN=" + listen, "LINLIPAY_BASE_URL=http://" + listen,
			"LINLIPAY_SECRET_KEY=" + string(key), "LINLIPAY_SANDBOX=true",
		}, "serve")
		ready(t, "http://"+listen)
		bases = append(bases, "http://"+listen)
	}
	device := pairTerminal(t, bases[0], facts.PairingCodes[0])
	seen := device.screen(t.Context())
	time.Sleep(idle)
	o := client{t: t, base: bases[1], token: device.token}.newOrder("101")
	waitFor(t, seen, o.ID, "pending")
}
