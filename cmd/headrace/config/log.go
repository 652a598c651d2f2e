package config

import (
	"io"
	"log/slog"

	"github.com/headrace/headrace/internal/errs"
)

func checkLogLevel(text string) error {
	var level slog.Level
	if err := level.UnmarshalText([]byte(text)); err != nil {
		return errs.Field("log_level", "cannot be %q: debug, info, warn or error", text)
	}
	return nil
}

// NewLogger returns the logger of a server or agent: a line of text for each message. A level that Validate refuses means info.
func NewLogger(w io.Writer, level string) *slog.Logger {
	var least slog.Level
	_ = least.UnmarshalText([]byte(level))
	return slog.New(slog.NewTextHandler(w, &slog.HandlerOptions{Level: least}))
}
