package serve

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"log/slog"
	"os"

	"go.temporal.io/sdk/client"
	sdklog "go.temporal.io/sdk/log"

	"switchboard/config"
	"switchboard/observe"
)

// dial returns a client that connects when it is first used.
func dial(cfg config.Temporal, log *slog.Logger, metrics *observe.Metrics) (client.Client, error) {
	options := client.Options{
		HostPort:       cfg.Address,
		Namespace:      cfg.Namespace,
		Logger:         sdklog.NewStructuredLogger(log),
		MetricsHandler: metrics.Temporal(),
	}
	tlsConfig, err := tlsOf(cfg)
	if err != nil {
		return nil, err
	}
	options.ConnectionOptions.TLS = tlsConfig
	if cfg.APIKey != "" {
		options.Credentials = client.NewAPIKeyStaticCredentials(cfg.APIKey)
	}
	temporal, err := client.NewLazyClient(options)
	if err != nil {
		return nil, fmt.Errorf("prepare Temporal client: %w", err)
	}
	return temporal, nil
}

// tlsOf returns nil when nothing asks for TLS.
func tlsOf(cfg config.Temporal) (*tls.Config, error) {
	if cfg.APIKey == "" && cfg.TLSCert == "" && cfg.TLSCA == "" {
		return nil, nil
	}
	c := &tls.Config{MinVersion: tls.VersionTLS12}
	if cfg.TLSCert != "" {
		certificate, err := tls.LoadX509KeyPair(cfg.TLSCert, cfg.TLSKey)
		if err != nil {
			return nil, fmt.Errorf("load Temporal client certificate: %w", err)
		}
		c.Certificates = []tls.Certificate{certificate}
	}
	if cfg.TLSCA != "" {
		pem, err := os.ReadFile(cfg.TLSCA)
		if err != nil {
			return nil, fmt.Errorf("load Temporal certificate authority: %w", err)
		}
		c.RootCAs = x509.NewCertPool()
		if !c.RootCAs.AppendCertsFromPEM(pem) {
			return nil, errors.New("the Temporal certificate authority file holds no certificate")
		}
	}
	return c, nil
}
