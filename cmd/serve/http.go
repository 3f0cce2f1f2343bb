package serve

import (
	"net/http"
	"time"
)

// What a client may hold a connection with: a header that comes slowly, a large one,
// and silence between requests. The handler itself bounds how slowly bodies come and
// files leave; one time for all would end event streams.
const (
	headerTimeout = 10 * time.Second
	idleTimeout   = 2 * time.Minute
	maxHeader     = 64 << 10
)

func httpServer(handler http.Handler) *http.Server {
	return &http.Server{Handler: handler, ReadHeaderTimeout: headerTimeout, IdleTimeout: idleTimeout, MaxHeaderBytes: maxHeader}
}
