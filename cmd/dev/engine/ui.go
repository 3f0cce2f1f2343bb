package engine

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"time"

	uiserver "github.com/temporalio/ui-server/v2/server"
	uiconfig "github.com/temporalio/ui-server/v2/server/config"
	uioptions "github.com/temporalio/ui-server/v2/server/server_options"
)

type ui struct {
	server *uiserver.Server
	done   chan struct{}
}

// startUI returns when the web UI answers.
func startUI(ctx context.Context, at *net.TCPAddr, frontend, namespace string) (*ui, error) {
	u := &ui{
		server: uiserver.NewServer(uioptions.WithConfigProvider(&uiconfig.Config{
			TemporalGRPCAddress: frontend,
			Host:                hostOf(at),
			Port:                at.Port,
			EnableUI:            true,
			DefaultNamespace:    namespace,
			DisableNewsFetch:    true,
			HideLogs:            true,
			// Loopback has no TLS.
			CORS: uiconfig.CORS{CookieInsecure: true},
		})),
		done: make(chan struct{}),
	}
	go func() {
		defer close(u.done)
		// It always returns nil; an address it cannot have ends the process.
		_ = u.server.Start()
	}()
	if err := awaitHTTP(ctx, "http://"+at.String()+"/healthz"); err != nil {
		u.stop()
		return nil, fmt.Errorf("wait for web UI: %w", err)
	}
	return u, nil
}

func (u *ui) stop() {
	u.server.Stop()
	<-u.done
}

// hostOf puts an IPv6 address in brackets: the UI joins host and port as text.
func hostOf(at *net.TCPAddr) string {
	if at.IP.To4() == nil {
		return "[" + at.IP.String() + "]"
	}
	return at.IP.String()
}

func awaitHTTP(ctx context.Context, url string) error {
	retry := time.NewTicker(10 * time.Millisecond)
	defer retry.Stop()
	for {
		request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
		if err != nil {
			return err
		}
		response, err := http.DefaultClient.Do(request)
		if err == nil {
			return response.Body.Close()
		}
		select {
		case <-ctx.Done():
			return err
		case <-retry.C:
		}
	}
}
