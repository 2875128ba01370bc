package app

import (
	"bufio"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"linlipay/seal"
)

// trialOf is the environment of a server that serves a trial at an address of the test's.
func trialOf(t *testing.T, listen string) []string {
	t.Helper()
	return append(os.Environ(), asCommand+"=1", "LINLIPAY_SANDBOX=true", "LINLIPAY_SECRET_KEY="+seal.NewKey(),
		"LINLIPAY_BASE_URL=http://"+listen,
		"LINLIPAY_LISTEN="+listen, "LINLIPAY_STORE=sqlite:"+t.TempDir(), "LINLIPAY_LOG_LEVEL=debug")
}

// Whoever reads the output and the log of a server, as in serve 2>&1 | head -1, may go away: the server goes on.
func TestAServerOutlivesTheReadersOfItsLog(t *testing.T) {
	listen := port(t)
	read, write, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(os.Args[0], "serve")
	cmd.Env, cmd.Stdout, cmd.Stderr = trialOf(t, listen), write, write
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { cmd.Process.Kill(); cmd.Wait() })
	write.Close()
	if _, err := bufio.NewReader(read).ReadString('\n'); err != nil { // head -1
		t.Fatal(err)
	}
	read.Close()
	for range 20 { // each leaves a line in the log
		ready(t, "http://"+listen)
	}
}

// A stranger opens more connections than the process may have descriptors, again and again: the server stays, and
// serves others meanwhile.
func TestAServerOutlivesItsDescriptors(t *testing.T) {
	listen := port(t)
	cmd := exec.Command("bash", "-c", "ulimit -n 256; exec \"$0\" serve", os.Args[0])
	cmd.Env = trialOf(t, listen)
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	t.Cleanup(func() { cmd.Process.Kill() })
	base := "http://" + listen
	ready(t, base)
	for round := range 3 {
		for i := range 400 {
			c, err := (&net.Dialer{LocalAddr: &net.TCPAddr{IP: net.IPv4(127, 0, 0, byte(1+i%20))},
				Timeout: 5 * time.Second}).Dial("tcp", listen)
			if err != nil {
				t.Fatalf("round %d, connection %d: %v", round, i, err)
			}
			t.Cleanup(func() { c.Close() })
		}
		select {
		case err := <-ended:
			t.Fatalf("the server ended: %v", err)
		default:
		}
		fresh := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}, Timeout: 20 * time.Second}
		for i := range 5 {
			resp, err := fresh.Get(fmt.Sprint(base, "/healthz"))
			if err != nil {
				t.Fatalf("round %d, request %d: %v", round, i, err)
			}
			resp.Body.Close()
			if resp.StatusCode != http.StatusOK {
				t.Errorf("round %d: %s", round, strings.TrimSpace(resp.Status))
			}
		}
	}
}
