package consensus

import (
	"errors"
	"testing"
	"time"

	"github.com/headrace/headrace/internal/errs"
)

func valid() Config {
	config := DefaultConfig()
	config.ServerID = "a"
	config.DataDir = "/data"
	config.Listen = "127.0.0.1:0"
	return config
}

func TestConfig_DefaultIsValid(t *testing.T) { must(t, valid().Validate()) }

func TestConfig_NamesWhatIsWrong(t *testing.T) {
	for field, spoil := range map[string]func(*Config){
		"server_id":          func(c *Config) { c.ServerID = "" },
		"data_dir":           func(c *Config) { c.DataDir = "" },
		"listen":             func(c *Config) { c.Listen = "" },
		"log_store":          func(c *Config) { c.LogStore = "etcd" },
		"tls":                func(c *Config) { c.TLS = &TLS{} },
		"lease_timeout":      func(c *Config) { c.LeaseTimeout = time.Second },
		"heartbeat_timeout":  func(c *Config) { c.HeartbeatTimeout = time.Minute },
		"trailing_logs":      func(c *Config) { c.TrailingLogs = minTrailingLogs - 1 },
		"snapshot_threshold": func(c *Config) { c.SnapshotThreshold = 0 },
		"checkpoint_every":   func(c *Config) { c.CheckpointEvery = 0 },
		"window_events":      func(c *Config) { c.WindowEvents = 0 },
		"disk_stall":         func(c *Config) { c.DiskStall = 0 },
	} {
		config := valid()
		spoil(&config)
		err := config.Validate()
		var e *errs.Error
		if !errors.As(err, &e) || e.Kind != errs.Invalid || e.Field != field {
			t.Errorf("%s: got %v", field, err)
		}
	}
}
