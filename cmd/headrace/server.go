package main

import (
	"log/slog"

	"github.com/spf13/cobra"

	"github.com/headrace/headrace/cmd/headrace/cli"
	"github.com/headrace/headrace/cmd/headrace/config"
	"github.com/headrace/headrace/server"
)

func serverCommand(env cli.Env) *cobra.Command {
	var path string
	given := config.DefaultServer()
	c := &cobra.Command{
		Use:   "server",
		Short: "Run a server: a member of the control plane",
		Args:  cobra.NoArgs,
		Long:  "Run a server: a member of the control plane.\n\n" + settingsFrom,
		RunE: func(c *cobra.Command, _ []string) error {
			settings := config.DefaultServer()
			if err := load(c, env, &settings, path); err != nil {
				return err
			}
			log := settings.Logger(env.Err)
			s, err := server.New(serverConfig(settings, log))
			if err != nil {
				return err
			}
			log.Info(
				"server runs",
				"id",
				settings.ServerID,
				"grpc",
				settings.GRPCAddress,
				"http",
				settings.HTTPAddress,
				"tls",
				settings.TLS.On(),
			)
			return s.Run(c.Context())
		},
	}
	c.Flags().StringVar(&path, "config", "/etc/headrace/server.yaml", "YAML file; HEADRACE_CONFIG")
	given.Bind(c.Flags())
	return c
}

func serverConfig(s config.Server, log *slog.Logger) server.Config {
	return server.Config{
		ServerID:        s.ServerID,
		DataDir:         s.DataDir,
		HTTPAddress:     s.HTTPAddress,
		GRPCAddress:     s.GRPCAddress,
		RaftAddress:     s.RaftAddress,
		GossipAddress:   s.GossipAddress,
		AdvertiseHost:   s.AdvertiseHost,
		Join:            s.Join,
		BootstrapExpect: s.BootstrapExpect,
		LogStore:        s.LogStore,
		KeyringFile:     s.KeyringFile,
		TLS: server.TLS{
			CAFile:   s.TLS.CAFile,
			CertFile: s.TLS.CertFile,
			KeyFile:  s.TLS.KeyFile,
		},
		Insecure:          s.Insecure,
		Lease:             s.Lease,
		ReleaseCache:      s.ReleaseCache,
		AccountID:         s.AccountID,
		Region:            s.Region,
		AccountVCPU:       s.AccountVCPUQuota,
		NodeApproval:      s.NodeApproval,
		PendingTimeout:    s.PendingTimeout,
		RetryBackoff:      s.RetryBackoff,
		RetryBackoffMost:  s.RetryBackoffMost,
		AnySignature:      s.HTTPAnySignature,
		HTTPURL:           s.HTTPURL,
		ObjectStore:       s.ObjectStore,
		LogStorage:        s.LogStorage,
		SharedDirectories: s.SharedDirectories,
		LogRetention:      s.LogRetention,
		LogLimit:          int64(s.LogLimit) << 20,
		APIRates:          s.APIRates,
		Version:           version(),
		Log:               log,
	}
}
