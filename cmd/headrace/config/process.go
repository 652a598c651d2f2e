package config

import (
	"io"
	"log/slog"

	"github.com/spf13/pflag"

	"github.com/headrace/headrace/internal/errs"
	"github.com/headrace/headrace/internal/logging"
	"github.com/headrace/headrace/internal/storage"
)

// Process has the settings that servers and agents share: how such a process speaks to others, and how it logs.
type Process struct {
	// TLS secures every connection.
	TLS TLS `yaml:"tls,omitempty"`
	// Insecure allows plain connections beyond this machine.
	Insecure bool `yaml:"insecure,omitempty"`
	// ObjectStore is how s3:// is reached; an agent's is that of the workers that it starts, too.
	ObjectStore storage.Config `yaml:"object_store,omitempty"`
	// LogLevel is debug, info, warn or error.
	LogLevel string `yaml:"log_level"`
	// LogFormat is text, a line of key=value for each message, or json, an object a line.
	LogFormat string `yaml:"log_format"`
}

// defaultProcess returns the defaults.
func defaultProcess() Process {
	return Process{LogLevel: "info", LogFormat: logging.Text}
}

// bindProcess adds the flags.
func (p *Process) bindProcess(flags *pflag.FlagSet) {
	p.TLS.Bind(flags)
	flags.BoolVar(&p.Insecure, "insecure", p.Insecure, "allow plain connections beyond this machine")
	bindObjectStore(&p.ObjectStore, flags)
	flags.StringVar(&p.LogLevel, "log-level", p.LogLevel, "debug, info, warn or error")
	flags.StringVar(&p.LogFormat, "log-format", p.LogFormat, "text or json")
}

// validateProcess names the first setting that is wrong.
func (p *Process) validateProcess() error {
	for _, check := range []func() error{p.validateLog, p.ObjectStore.Validate, p.TLS.Validate} {
		if err := check(); err != nil {
			return err
		}
	}
	return nil
}

// validateLog checks the settings of the process's own log.
func (p *Process) validateLog() error {
	var least slog.Level
	if err := least.UnmarshalText([]byte(p.LogLevel)); err != nil {
		return errs.Field("log_level", "cannot be %q: debug, info, warn or error", p.LogLevel)
	}
	if p.LogFormat != logging.Text && p.LogFormat != logging.JSON {
		return errs.Field("log_format", "cannot be %q: text or json", p.LogFormat)
	}
	return nil
}

// checkPlain refuses a plain connection beyond this machine that nobody asked for.
func (p *Process) checkPlain(field, address string) error {
	if p.TLS.On() || p.Insecure || loopback(address) {
		return nil
	}
	return errs.Field(field, "cannot use %s without TLS: everybody on the network could read and change what is sent. "+
		"Give tls.ca_file, tls.cert_file and tls.key_file, or --insecure on a network that only you can reach", address)
}

// Logger returns the logger of the process. A level that Validate refuses means info, and a format that it refuses
// text.
func (p *Process) Logger(w io.Writer) *slog.Logger {
	var least slog.Level
	_ = least.UnmarshalText([]byte(p.LogLevel))
	return logging.New(w, p.LogFormat, least)
}
