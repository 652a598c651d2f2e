package consensus

import (
	"context"
	"fmt"
	"io"
	"log"
	"log/slog"
	"slices"

	"github.com/hashicorp/go-hclog"
	"github.com/hashicorp/raft"

	"github.com/headrace/headrace/internal/seldom"
)

// raftLog is hclog.Logger on top of slog, for Raft and its stores. Warnings and errors about the same server, or about
// none, are logged once a minute: Raft repeats them several times a second while a server is away.
type raftLog struct {
	log    *slog.Logger
	seldom *seldom.Log
	name   string
	args   []any
}

func newRaftLog(l *slog.Logger) hclog.Logger {
	return &raftLog{log: l, seldom: seldom.New(l), name: "raft"}
}

func level(l hclog.Level) slog.Level {
	switch {
	case l >= hclog.Error:
		return slog.LevelError
	case l == hclog.Warn:
		return slog.LevelWarn
	case l == hclog.Info:
		return slog.LevelInfo
	default:
		return slog.LevelDebug
	}
}

// Log writes a line.
func (r *raftLog) Log(l hclog.Level, msg string, args ...any) {
	if !r.enabled(l) {
		return
	}
	said := formatted(args)
	if l < hclog.Warn {
		r.log.Log(context.Background(), level(l), r.name+": "+msg, said...)
		return
	}
	r.seldom.Of(level(l), whom(said), r.name+": "+msg, said...)
}

// whom returns the server that a message is about; empty: none.
func whom(args []any) string {
	for i := 0; i+1 < len(args); i += 2 {
		switch args[i] {
		case "peer", "server-id", "from", "target":
			if server, is := args[i+1].(raft.Server); is {
				return string(server.ID)
			}
			return fmt.Sprint(args[i+1])
		}
	}
	return ""
}

// formatted replaces hclog's format with arguments by what it says.
func formatted(args []any) []any {
	said := slices.Clone(args)
	for i, arg := range said {
		if format, ok := arg.(hclog.Format); ok && len(format) > 0 {
			said[i] = fmt.Sprintf(fmt.Sprint(format[0]), format[1:]...)
		}
	}
	return said
}

// Trace writes at slog's debug level, as Debug does.
func (r *raftLog) Trace(msg string, args ...any) { r.Log(hclog.Trace, msg, args...) }

// Debug writes a line.
func (r *raftLog) Debug(msg string, args ...any) { r.Log(hclog.Debug, msg, args...) }

// Info writes a line.
func (r *raftLog) Info(msg string, args ...any) { r.Log(hclog.Info, msg, args...) }

// Warn writes a line.
func (r *raftLog) Warn(msg string, args ...any) { r.Log(hclog.Warn, msg, args...) }

// Error writes a line.
func (r *raftLog) Error(msg string, args ...any) { r.Log(hclog.Error, msg, args...) }

// IsTrace is always false: nobody reads that much.
func (r *raftLog) IsTrace() bool { return false }

// IsDebug says whether debug lines are written.
func (r *raftLog) IsDebug() bool { return r.enabled(hclog.Debug) }

// IsInfo says whether info lines are written.
func (r *raftLog) IsInfo() bool { return r.enabled(hclog.Info) }

// IsWarn says whether warnings are written.
func (r *raftLog) IsWarn() bool { return r.enabled(hclog.Warn) }

// IsError says whether errors are written.
func (r *raftLog) IsError() bool { return r.enabled(hclog.Error) }

func (r *raftLog) enabled(l hclog.Level) bool {
	return l > hclog.Trace && r.log.Enabled(context.Background(), level(l))
}

// ImpliedArgs returns what With added.
func (r *raftLog) ImpliedArgs() []any { return r.args }

// With returns a logger that adds args to every line.
func (r *raftLog) With(args ...any) hclog.Logger {
	log := r.log.With(args...)
	return &raftLog{
		log:    log,
		seldom: seldom.New(log),
		name:   r.name,
		args:   append(r.args[:len(r.args):len(r.args)], args...),
	}
}

// Name returns what stands before every line.
func (r *raftLog) Name() string { return r.name }

// Named returns a logger with a longer name.
func (r *raftLog) Named(name string) hclog.Logger { return r.ResetNamed(r.name + "." + name) }

// ResetNamed returns a logger with another name.
func (r *raftLog) ResetNamed(name string) hclog.Logger {
	return &raftLog{log: r.log, seldom: r.seldom, name: name, args: r.args}
}

// SetLevel does nothing: the level is slog's.
func (r *raftLog) SetLevel(hclog.Level) {}

// GetLevel returns the level of slog's handler.
func (r *raftLog) GetLevel() hclog.Level {
	for _, l := range []hclog.Level{hclog.Debug, hclog.Info, hclog.Warn} {
		if r.enabled(l) {
			return l
		}
	}
	return hclog.Error
}

// StandardLogger returns a logger of the standard library that writes here.
func (r *raftLog) StandardLogger(*hclog.StandardLoggerOptions) *log.Logger {
	return slog.NewLogLogger(r.log.Handler(), slog.LevelInfo)
}

// StandardWriter returns the writer of StandardLogger.
func (r *raftLog) StandardWriter(o *hclog.StandardLoggerOptions) io.Writer {
	return r.StandardLogger(o).Writer()
}
