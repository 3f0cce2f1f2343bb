package engine

import (
	"context"
	"log/slog"
	"sync/atomic"

	"go.temporal.io/server/common/log"
	"go.temporal.io/server/common/log/tag"
)

// logger hands the server's warnings and errors to slog.
type logger struct {
	out *slog.Logger
	// unmuted is the engine's own.
	unmuted *slog.Logger
	muted   *atomic.Bool
}

var (
	_ log.Logger      = (*logger)(nil)
	_ log.SLogWrapper = (*logger)(nil)
)

// fatal is what the server cannot go on after.
type fatal string

func (f fatal) Error() string { return string(f) }

func newLogger(out *slog.Logger) *logger {
	if out == nil {
		out = slog.Default()
	}
	muted := new(atomic.Bool)
	return &logger{
		out:     slog.New(gate{Handler: out.Handler(), muted: muted}),
		unmuted: out,
		muted:   muted,
	}
}

// mute silences the server for good: its parts stop one after the other, and
// each complains about those that went before.
func (l *logger) mute() { l.muted.Store(true) }

// SLog returns the logger for parts that speak slog themselves.
func (l *logger) SLog() *slog.Logger { return l.out }

func (l *logger) Debug(msg string, tags ...tag.Tag)  { l.write(slog.LevelDebug, msg, tags) }
func (l *logger) Info(msg string, tags ...tag.Tag)   { l.write(slog.LevelInfo, msg, tags) }
func (l *logger) Warn(msg string, tags ...tag.Tag)   { l.write(slog.LevelWarn, msg, tags) }
func (l *logger) Error(msg string, tags ...tag.Tag)  { l.write(slog.LevelError, msg, tags) }
func (l *logger) DPanic(msg string, tags ...tag.Tag) { l.write(slog.LevelError, msg, tags) }
func (l *logger) Panic(msg string, tags ...tag.Tag)  { l.giveUp(msg, tags) }
func (l *logger) Fatal(msg string, tags ...tag.Tag)  { l.giveUp(msg, tags) }

// giveUp ends the process, unless the server is being started or stopped.
func (l *logger) giveUp(msg string, tags []tag.Tag) {
	if l.muted.Load() {
		return
	}
	l.write(slog.LevelError, msg, tags)
	panic(fatal(msg))
}

func (l *logger) write(level slog.Level, msg string, tags []tag.Tag) {
	if !l.out.Enabled(context.Background(), level) {
		return
	}
	attrs := make([]slog.Attr, 0, len(tags))
	for _, t := range tags {
		// A stack belongs to whoever debugs the server itself.
		if t.Key() == tag.SysStackTrace("").Key() {
			continue
		}
		attrs = append(attrs, slog.Any(t.Key(), t.Value()))
	}
	l.out.LogAttrs(context.Background(), level, msg, attrs...) //nolint:sloglint // the message is the server's
}

// gate lets warnings and errors through until it is muted.
type gate struct {
	slog.Handler
	muted *atomic.Bool
}

func (g gate) Enabled(ctx context.Context, level slog.Level) bool {
	return level >= slog.LevelWarn && !g.muted.Load() && g.Handler.Enabled(ctx, level)
}

func (g gate) WithAttrs(attrs []slog.Attr) slog.Handler {
	return gate{Handler: g.Handler.WithAttrs(attrs), muted: g.muted}
}

func (g gate) WithGroup(name string) slog.Handler {
	return gate{Handler: g.Handler.WithGroup(name), muted: g.muted}
}
