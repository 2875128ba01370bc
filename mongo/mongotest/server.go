// Package mongotest gives tests a MongoDB-protocol server: the one that LINLIPAY_TEST_MONGODB names, or FerretDB, which is built once from the module in tools/ferretdb and runs on
// loopback until the test ends.
package mongotest

import (
	"fmt"
	"net"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"
)

// version names the built server, so that another version is another file.
const version = "1.24.2"

// Start returns the address of an empty database. FerretDB's updates are not atomic across connections, so its address allows one.
func Start(t testing.TB) (uri string) {
	t.Helper()
	name := fmt.Sprintf("linlipay_%d_%d", os.Getpid(), time.Now().UnixNano())
	for _, v := range os.Environ() {
		if given, ok := strings.CutPrefix(v, "LINLIPAY_TEST_MONGODB="); ok && given != "" {
			u, err := url.Parse(given)
			if err != nil {
				t.Fatal(err)
			}
			u.Path = "/" + name
			return u.String()
		}
	}
	binary := build(t)
	port := freePort(t)
	server := exec.Command(binary, "-listen", "127.0.0.1:"+port, "-dir", t.TempDir())
	server.Stderr = os.Stderr
	if err := server.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		server.Process.Kill() // its data is the test's
		server.Wait()
	})
	for range 200 {
		if conn, err := net.Dial("tcp", "127.0.0.1:"+port); err == nil {
			conn.Close()
			return "mongodb://127.0.0.1:" + port + "/" + name + "?maxPoolSize=1"
		}
		time.Sleep(50 * time.Millisecond)
	}
	t.Fatal("FerretDB did not come up")
	return ""
}

// build builds the server once for all tests; tests that build at the same time replace one another's equal file.
func build(t testing.TB) string {
	t.Helper()
	cache, err := os.UserCacheDir()
	if err != nil {
		t.Fatal(err)
	}
	binary := filepath.Join(cache, "linlipay", "ferretdb-"+version)
	if _, err := os.Stat(binary); err == nil {
		return binary
	}
	if err := os.MkdirAll(filepath.Dir(binary), 0o755); err != nil {
		t.Fatal(err)
	}
	_, here, _, _ := runtime.Caller(0)
	part := fmt.Sprintf("%s.%d", binary, os.Getpid())
	cmd := exec.Command("go", "build", "-o", part, ".")
	cmd.Dir = filepath.Join(filepath.Dir(here), "../../tools/ferretdb")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("FerretDB cannot be built: %v\n%s", err, out)
	}
	if err := os.Rename(part, binary); err != nil {
		t.Fatal(err)
	}
	return binary
}

func freePort(t testing.TB) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	_, port, _ := net.SplitHostPort(l.Addr().String())
	return port
}
