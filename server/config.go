package server

import (
	"log/slog"
	"net"
	"regexp"
	"time"

	"github.com/headrace/headrace/internal/errs"
	"github.com/headrace/headrace/internal/ident"
	"github.com/headrace/headrace/internal/storage"
	"github.com/headrace/headrace/server/command"
	"github.com/headrace/headrace/server/control/http"
)

// Config says how a server runs. Start with DefaultConfig.
type Config struct {
	// ServerID is unique and the same for ever: letters, digits, dots, dashes.
	ServerID string
	// DataDir holds the log, snapshots and the release cache; nobody else may write here.
	DataDir string
	// HTTPAddress is host:port of the HTTP API, user interfaces and /healthz; empty: none.
	HTTPAddress string
	// GRPCAddress is host:port of the API, and of agents.
	GRPCAddress string
	// RaftAddress is host:port of the log, for the other servers.
	RaftAddress string
	// GossipAddress is host:port of gossip, for the other servers.
	GossipAddress string
	// AdvertiseHost is the host at which others reach this machine; empty: the host of each address.
	AdvertiseHost string
	// Join has the gossip addresses of other servers.
	Join []string
	// BootstrapExpect is how many servers together begin a new cluster; 0: only join one.
	BootstrapExpect int
	// LogStore is wal or bolt, and cannot be changed once there is a log.
	LogStore string
	// KeyringFile holds the cluster's keys, the same on every server; its mode is 0600.
	KeyringFile string
	// TLS is mutual TLS for everything. Without it, listeners are on loopback only, or Insecure is set.
	TLS TLS
	// Insecure allows listeners without TLS beyond loopback.
	Insecure bool
	// Lease is how long an agent may keep workers without hearing from a leader.
	Lease time.Duration
	// ReleaseCache is the directory of archives; empty: below DataDir.
	ReleaseCache string
	// AccountID has 12 digits, for ARNs.
	AccountID string
	// Region is that of ARNs.
	Region string
	// AccountVCPU is how many vCPU all workers may hold together, the same on every server; 0: no quota.
	AccountVCPU int64
	// NodeApproval says who approves nodes that join, the same on every server: ApproveAutomatic or ApproveManual.
	NodeApproval string
	// PendingTimeout is how long a run may wait for room, the same on every server.
	PendingTimeout time.Duration
	// RetryBackoff is how long a run waits between its first two attempts, the same on every server. It doubles.
	RetryBackoff time.Duration
	// RetryBackoffMax is how long a run waits between attempts at most, the same on every server.
	RetryBackoffMax time.Duration
	// AnySignature lets everybody who reaches HTTPAddress, a loopback address, use the API: headrace dev.
	AnySignature bool
	// HTTPURL is the address at which people reach HTTPAddress; empty: made from AdvertiseHost.
	HTTPURL string
	// ObjectStore is where s3:// URIs are.
	ObjectStore storage.Config
	// SharedDirectories are the directories below which file:// log URIs of users are read.
	SharedDirectories []string
	// LogStorage is the URI of managed logs, the same on every server; empty: the servers' own disks.
	LogStorage string
	// LogRetention is how long managed logs are kept.
	LogRetention time.Duration
	// HistoryAfter is how long a job run that is over stays in the state before it goes into the history, the same on
	// every server.
	HistoryAfter time.Duration
	// HistoryRetention is how long the history is kept, from the end of a job run on, the same on every server.
	HistoryRetention time.Duration
	// LogLimit is how many bytes managed logs may use on this server's disk.
	LogLimit int64
	// APIRates are the rates of the HTTP API's operations: published, OPERATION=PER_SECOND/BURST; empty: no limits.
	APIRates []string
	// Version is this program's, for people.
	Version string
	// Log is where this server logs.
	Log *slog.Logger
}

// Who approves nodes that join.
const (
	ApproveAutomatic = "automatic" // they are given work at once
	ApproveManual    = "manual"    // they are given nothing until an operator approves them
)

// TLS names the files of mutual TLS, all PEM.
type TLS struct {
	CAFile   string // certificates of the authority that issues all others, of servers and of those that call them
	CertFile string // this server's certificate, with the DNS name server.headrace
	KeyFile  string
}

// Enabled says whether TLS is configured.
func (t TLS) Enabled() bool { return t != TLS{} }

// DefaultConfig returns a Config that lacks only ServerID, DataDir and KeyringFile.
func DefaultConfig() Config {
	limits := command.DefaultLimits()
	return Config{
		HTTPAddress:     "127.0.0.1:7400",
		GRPCAddress:     "127.0.0.1:7401",
		RaftAddress:     "127.0.0.1:7402",
		GossipAddress:   "127.0.0.1:7403",
		BootstrapExpect: 1,
		LogStore:        "wal",
		Lease:           10 * time.Second,
		AccountID:       "000000000000",
		Region:          "us-east-1",
		Version:         "dev",
		NodeApproval:    ApproveAutomatic,
		PendingTimeout:  limits.Pending,
		RetryBackoff:    limits.BackoffFirst,
		RetryBackoffMax: limits.BackoffMax,
		LogRetention:    30 * 24 * time.Hour,
		LogLimit:        50 << 30,

		HistoryAfter:     limits.HistoryAfter,
		HistoryRetention: limits.HistoryRetention,

		Log: slog.Default(),
	}
}

// Validate returns an error that names the field that is wrong.
func (c Config) Validate() error {
	for _, check := range []func() error{c.checkServer, c.checkCluster, c.checkAccess, c.checkListeners} {
		if err := check(); err != nil {
			return err
		}
	}
	return nil
}

// checkServer checks what is this server's own.
func (c Config) checkServer() error {
	switch {
	case c.ServerID == "":
		return errs.Field("server_id",
			"cannot run a server without an id that stays the same for ever, such as its host's name")
	case !serverID.MatchString(c.ServerID):
		return errs.Field("server_id",
			"cannot be %q: 1 to 253 letters, digits, dots, dashes and underscores", c.ServerID)
	case c.DataDir == "":
		return errs.Field("data_dir", "cannot run a server without a data directory")
	case c.KeyringFile == "":
		return errs.Field("keyring_file", "cannot run a server without the cluster's keyring: "+
			"headrace keyring create FILE makes one, the same for all servers")
	case c.BootstrapExpect < 0 || c.BootstrapExpect > 9:
		return errs.Field("bootstrap_expect", "cannot be %d: 0, which only joins a cluster, to 9; best 3",
			c.BootstrapExpect)
	}
	return nil
}

// checkCluster checks what is the same on every server.
func (c Config) checkCluster() error {
	switch {
	case c.Lease < time.Second || c.Lease > 10*time.Minute:
		return errs.Field("lease", "cannot be %s: 1s to 10m", c.Lease)
	case !ident.ValidAccount(c.AccountID):
		return errs.Field("account_id", "cannot be %q: 12 digits", c.AccountID)
	case !region.MatchString(c.Region):
		return errs.Field("region", "cannot be %q: 1 to 64 of a-z 0-9 -, such as us-east-1", c.Region)
	case c.AccountVCPU < 0 || c.AccountVCPU > maxAccountVCPU:
		return errs.Field("account_vcpu_quota",
			"cannot be %d: 0, which is no quota, to %d vCPU", c.AccountVCPU, maxAccountVCPU)
	case c.NodeApproval != ApproveAutomatic && c.NodeApproval != ApproveManual:
		return errs.Field("node_approval", "cannot be %q: %s or %s", c.NodeApproval, ApproveAutomatic, ApproveManual)
	case c.PendingTimeout < time.Second || c.PendingTimeout > maxPending:
		return errs.Field("pending_timeout", "cannot be %s: 1s to %s", c.PendingTimeout, maxPending)
	case c.RetryBackoff < time.Millisecond || c.RetryBackoff > c.RetryBackoffMax || c.RetryBackoffMax > time.Hour:
		return errs.Field("retry_backoff",
			"cannot be %s: 1ms to retry_backoff_max, which is %s and at most 1h",
			c.RetryBackoff, c.RetryBackoffMax)
	}
	return c.checkHistory()
}

// checkHistory checks when job runs leave for the history, and how long it is kept.
func (c Config) checkHistory() error {
	switch {
	case c.HistoryAfter < time.Second || c.HistoryAfter > maxHistoryAfter:
		return errs.Field("history_after", "cannot be %s: 1s to %s", c.HistoryAfter, maxHistoryAfter)
	case c.HistoryRetention < c.HistoryAfter || c.HistoryRetention > maxHistoryRetention:
		return errs.Field("history_retention", "cannot be %s: from history_after, which is %s, to %s",
			c.HistoryRetention, c.HistoryAfter, maxHistoryRetention)
	}
	return nil
}

// checkAccess checks who may use this server, and how often.
func (c Config) checkAccess() error {
	switch {
	case c.AnySignature && c.HTTPAddress != "" && !loopback(c.HTTPAddress):
		return errs.Field("http_any_signature",
			"cannot be set with http_address %s: everybody who reaches it could use the API", c.HTTPAddress)
	case c.TLS.Enabled() && (c.TLS.CAFile == "" || c.TLS.CertFile == "" || c.TLS.KeyFile == ""):
		return errs.Field("tls", "it needs ca_file, cert_file and key_file")
	}
	if _, err := http.ParseRates(c.APIRates); err != nil {
		return errs.Field("api_rates", "%w", err)
	}
	return nil
}

// checkListeners checks the addresses at which this server listens.
func (c Config) checkListeners() error {
	for field, address := range map[string]string{
		"http_address":   c.HTTPAddress,
		"grpc_address":   c.GRPCAddress,
		"raft_address":   c.RaftAddress,
		"gossip_address": c.GossipAddress,
	} {
		if err := c.checkListener(field, address); err != nil {
			return err
		}
	}
	return nil
}

// serverID is what the id of a server looks like; region what the region of ARNs does.
var (
	serverID = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._-]{0,252}$`)
	region   = regexp.MustCompile(`^[a-z0-9-]{1,64}$`)
)

// maxPending is a week.
const maxPending = 7 * 24 * time.Hour

// The bounds of the history's times: a week, and a year.
const (
	maxHistoryAfter     = 7 * 24 * time.Hour
	maxHistoryRetention = 366 * 24 * time.Hour
)

// maxAccountVCPU is far beyond any cluster, and far below what a number of thousandths can hold.
const maxAccountVCPU = 100_000_000

// limits are those that decisions of this server keep.
func (c Config) limits() command.Limits {
	limits := command.DefaultLimits()
	limits.AccountCPU = 1000 * c.AccountVCPU
	limits.Pending = c.PendingTimeout
	limits.ApproveNodes = c.NodeApproval == ApproveManual
	limits.BackoffFirst = c.RetryBackoff
	limits.BackoffMax = c.RetryBackoffMax
	limits.HistoryAfter = c.HistoryAfter
	limits.HistoryRetention = c.HistoryRetention
	return limits
}

// checkListener checks that nothing is served in the clear beyond loopback unless that was asked for.
func (c Config) checkListener(field, address string) error {
	if field == "http_address" && address == "" {
		return nil
	}
	if _, _, err := net.SplitHostPort(address); err != nil {
		return errs.Field(field, "%q is not host:port", address)
	}
	if loopback(address) || c.TLS.Enabled() || c.Insecure {
		return nil
	}
	return errs.Field(field, "%s is not a loopback address, and there is no TLS: "+
		"configure tls, or set insecure to serve everybody who reaches it", address)
}

// loopback says whether only this machine reaches an address.
func loopback(address string) bool {
	host, _, err := net.SplitHostPort(address)
	ip := net.ParseIP(host)
	return err == nil && (host == "localhost" || ip != nil && ip.IsLoopback())
}
