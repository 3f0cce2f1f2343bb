// Package emulate gives tests the stand-ins of npm's emulate for providers'
// APIs: Google's OAuth and Gmail, Entra's OAuth, Twilio. Without Node.js or the
// installed package (make standins) tests are skipped, or fail when
// SWITCHBOARD_TEST_REQUIRE_TOOLS=1.
package emulate

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
)

// Server is a running stand-in.
type Server struct {
	// URL is its base, without a slash at the end; it is also what the stand-in
	// calls itself, in OAuth's metadata for instance.
	URL string

	intercept atomic.Pointer[Interceptor]
	front     *httptest.Server
}

// Interceptor may answer a request in the stand-in's place, or do something
// before or after it does.
type Interceptor func(w http.ResponseWriter, r *http.Request, standin http.Handler)

// Intercept puts f before the stand-in; nil takes it away again.
func (s *Server) Intercept(f Interceptor) {
	if f == nil {
		s.intercept.Store(nil)
		return
	}
	s.intercept.Store(&f)
}

// Stop takes the stand-in off the network before the test ends.
func (s *Server) Stop() { s.front.Close() }

// Start runs one service ("google", "microsoft", "twilio") until the test ends.
// Seed is what emulate's README lists below the service's name; what a test does
// not seed has emulate's defaults.
func Start(t testing.TB, service string, seed map[string]any) *Server {
	t.Helper()
	script := installed(t)
	front := httptest.NewUnstartedServer(nil)
	s := &Server{URL: "http://" + front.Listener.Addr().String(), front: front}
	port := shared.run(t, script, map[string]any{
		"service": service,
		"baseUrl": s.URL,
		"seed":    map[string]any{service: seed},
	})
	standin := gmailGaps(httputil.NewSingleHostReverseProxy(&url.URL{Scheme: "http", Host: fmt.Sprintf("127.0.0.1:%d", port)}))
	front.Config.Handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if intercept := s.intercept.Load(); intercept != nil {
			(*intercept)(w, r, standin)
			return
		}
		standin.ServeHTTP(w, r)
	})
	front.Start()
	t.Cleanup(front.Close)
	return s
}

// installed returns the script that starts emulate.
func installed(t testing.TB) string {
	t.Helper()
	_, source, _, _ := runtime.Caller(0)
	folder := filepath.Dir(source)
	sentence := ""
	if _, err := exec.LookPath("node"); err != nil {
		sentence = "Node.js is not installed"
	} else if _, err := os.Stat(filepath.Join(folder, "../node_modules/emulate")); err != nil {
		sentence = "emulate is not installed: run make standins"
	}
	if sentence != "" {
		if os.Getenv("SWITCHBOARD_TEST_REQUIRE_TOOLS") == "1" {
			t.Fatal(sentence)
		}
		t.Skip(sentence)
	}
	return filepath.Join(folder, "start.mjs")
}

// process is Node.js running the script, one for each test process. It ends with
// its input, so it does not outlive a test that was killed.
type process struct {
	mu     sync.Mutex
	input  io.Writer
	output *json.Decoder
}

var shared process

// run has the script start a service and returns its port once it listens.
func (p *process) run(t testing.TB, script string, order any) int {
	t.Helper()
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.input == nil {
		if err := p.start(script); err != nil {
			t.Fatalf("start emulate: %v", err)
		}
	}
	line, err := json.Marshal(order)
	if err != nil {
		t.Fatalf("start emulate: %v", err)
	}
	if _, err := p.input.Write(append(line, '\n')); err != nil {
		t.Fatalf("start emulate: %v", err)
	}
	var answer struct{ Port int }
	if err := p.output.Decode(&answer); err != nil {
		t.Fatalf("start emulate: no port: %v", err)
	}
	return answer.Port
}

func (p *process) start(script string) error {
	command := exec.Command("node", script)
	command.Stderr = os.Stderr
	input, err := command.StdinPipe()
	if err != nil {
		return err
	}
	output, err := command.StdoutPipe()
	if err != nil {
		return err
	}
	p.input, p.output = input, json.NewDecoder(output)
	return command.Start()
}
