package server

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"time"
)

// serveHTTP serves /healthz until ctx ends.
func (s *Server) serveHTTP(ctx context.Context) error {
	if s.cfg.HTTPAddress == "" {
		return nil
	}
	listener, err := net.Listen("tcp", s.cfg.HTTPAddress)
	if err != nil {
		return fmt.Errorf("cannot serve HTTP on %s: %w", s.cfg.HTTPAddress, err)
	}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /healthz", s.healthz)
	server := &http.Server{Handler: mux, ReadHeaderTimeout: 5 * time.Second, ReadTimeout: 10 * time.Second, WriteTimeout: 10 * time.Second, MaxHeaderBytes: 64 << 10}
	stop := context.AfterFunc(ctx, func() { _ = server.Close() })
	defer stop()
	if s.files != nil {
		if server.TLSConfig, err = s.files.Listen(); err != nil {
			return errors.Join(err, listener.Close())
		}
		err = server.ServeTLS(listener, "", "")
	} else {
		err = server.Serve(listener)
	}
	if errors.Is(err, http.ErrServerClosed) {
		return nil
	}
	return err
}

// healthz says whether this server knows a leader: whether it can serve.
func (s *Server) healthz(w http.ResponseWriter, _ *http.Request) {
	if s.members.LeaderAddress() == "" {
		http.Error(w, "no leader", http.StatusServiceUnavailable)
		return
	}
	_, _ = fmt.Fprintln(w, "ok")
}
