package config

import (
	"io"
	"log/slog"

	"github.com/headrace/headrace/internal/errs"
	"github.com/headrace/headrace/internal/logging"
)

// checkLog checks the settings of a server's or agent's log.
func checkLog(level, format string) error {
	var least slog.Level
	if err := least.UnmarshalText([]byte(level)); err != nil {
		return errs.Field("log_level", "cannot be %q: debug, info, warn or error", level)
	}
	if format != logging.Text && format != logging.JSON {
		return errs.Field("log_format", "cannot be %q: text or json", format)
	}
	return nil
}

// NewLogger returns the logger of a server or agent. A level that Validate refuses means info, and a format that it
// refuses text.
func NewLogger(w io.Writer, format, level string) *slog.Logger {
	var least slog.Level
	_ = least.UnmarshalText([]byte(level))
	return logging.New(w, format, least)
}
