// Package observe makes a process readable from outside: structured logs and
// Prometheus metrics. Both carry ids and codes, never names, addresses or text
// (B12).
package observe

import (
	"io"
	"log/slog"
)

// NewLogger returns a logger that writes JSON lines. level is debug, info, warn
// or error; anything else is info.
func NewLogger(out io.Writer, level string) *slog.Logger {
	var least slog.Level
	if err := least.UnmarshalText([]byte(level)); err != nil {
		least = slog.LevelInfo
	}
	return slog.New(slog.NewJSONHandler(out, &slog.HandlerOptions{Level: least}))
}
