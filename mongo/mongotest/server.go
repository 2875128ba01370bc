// Package mongotest gives tests a MongoDB-protocol server: the one that LINLIPAY_TEST_MONGODB names, or FerretDB,
// which is built once from the module in tools/ferretdb and runs on loopback until the test ends.
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

// Start returns the address of an empty database. FerretDB's updates are not atomic across connections, so its address
// allows one.
func Start(t testing.TB) (uri string) {
	t.Helper()
	given := givenServer()
	if given == "" {
		return NewServer(t).URI()
	}
	u, err := url.Parse(given)
	if err != nil {
		t.Fatal(err)
	}
	u.Path = "/" + databaseName()
	return u.String()
}

// givenServer is the address of the server that the environment names to test with, "" for none.
func givenServer() string {
	for _, v := range os.Environ() {
		if given, ok := strings.CutPrefix(v, "LINLIPAY_TEST_MONGODB="); ok && given != "" {
			return given
		}
	}
	return ""
}

// databaseName is one that no other test has.
func databaseName() string { return fmt.Sprintf("linlipay_%d_%d", os.Getpid(), time.Now().UnixNano()) }

// Server is a FerretDB that can be stopped and started again on its data.
type Server struct {
	t                       testing.TB
	binary, dir, port, name string
	process                 *exec.Cmd
}

// NewServer starts a FerretDB, whatever LINLIPAY_TEST_MONGODB says. It ends with the test.
func NewServer(t testing.TB) *Server {
	t.Helper()
	s := &Server{t: t, binary: build(t), dir: t.TempDir(), port: freePort(t), name: databaseName()}
	t.Cleanup(s.Kill) // its data is the test's
	s.Start()
	return s
}

// URI is the address of its database, with the one connection that FerretDB allows. It has no elections to wait for.
func (s *Server) URI() string {
	return "mongodb://127.0.0.1:" + s.port + "/" + s.name + "?maxPoolSize=1&serverSelectionTimeoutMS=2000"
}

// Start starts the server on its data and waits until it takes connections.
func (s *Server) Start() {
	s.t.Helper()
	s.process = exec.Command(s.binary, "-listen", "127.0.0.1:"+s.port, "-dir", s.dir)
	s.process.Stderr = os.Stderr
	if err := s.process.Start(); err != nil {
		s.t.Fatal(err)
	}
	s.awaitPort()
}

func (s *Server) awaitPort() {
	s.t.Helper()
	for range 200 {
		if conn, err := net.Dial("tcp", "127.0.0.1:"+s.port); err == nil {
			conn.Close()
			return
		}
		time.Sleep(50 * time.Millisecond)
	}
	s.t.Fatal("FerretDB did not come up")
}

// Kill ends the server with -9.
func (s *Server) Kill() {
	s.process.Process.Kill() // it may have ended already
	s.process.Wait()
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
	part := fmt.Sprintf("%s.%d", binary, os.Getpid())
	compile(t, part)
	if err := os.Rename(part, binary); err != nil {
		t.Fatal(err)
	}
	return binary
}

// compile compiles tools/ferretdb.
func compile(t testing.TB, binary string) {
	t.Helper()
	_, here, _, _ := runtime.Caller(0)
	cmd := exec.Command("go", "build", "-o", binary, ".")
	cmd.Dir = filepath.Join(filepath.Dir(here), "../../tools/ferretdb")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("FerretDB cannot be built: %v\n%s", err, out)
	}
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
