package server

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"time"

	"github.com/headrace/headrace/server/ui"
)

// serveHTTP serves /healthz and user interfaces until ctx ends.
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
	mux.Handle("/ui", s.ui)
	mux.Handle("/ui/", s.ui)
	mux.Handle("/logs/", s.ui)
	server := &http.Server{Handler: mux, ReadHeaderTimeout: 5 * time.Second, ReadTimeout: 10 * time.Second, WriteTimeout: 10 * time.Second, MaxHeaderBytes: 64 << 10}
	stop := context.AfterFunc(ctx, func() { _ = server.Close() })
	defer stop()
	if s.files != nil {
		if server.TLSConfig, err = s.files.Serve(); err != nil {
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

// links are to user interfaces, at the address at which people reach this server.
func (s *Server) links() ui.Links {
	url := s.cfg.HTTPURL
	if url == "" && s.cfg.HTTPAddress != "" {
		url = map[bool]string{true: "https://", false: "http://"}[s.files != nil] + s.advertised(s.cfg.HTTPAddress)
	}
	return ui.Links{Key: s.keyring.Derive("ui links"), URL: url}
}

// healthz says whether this server knows a leader: whether it can serve.
func (s *Server) healthz(w http.ResponseWriter, _ *http.Request) {
	if s.members.LeaderAddress() == "" {
		http.Error(w, "no leader", http.StatusServiceUnavailable)
		return
	}
	_, _ = fmt.Fprintln(w, "ok")
}
