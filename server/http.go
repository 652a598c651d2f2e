package server

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strings"
	"time"

	"github.com/headrace/headrace/server/ui"
)

// Bounds of the HTTP listener. Handlers of pages that take longer to write say so themselves.
const (
	headerTime = 5 * time.Second  // to read a request's header
	bodyTime   = 15 * time.Second // to read all of a request
	answerTime = 30 * time.Second // to answer it
	idleTime   = 2 * time.Minute  // of a connection without requests
	maxHeader  = 128 << 10        // bytes; keys of 200 tags in a query
)

// serveHTTP serves the HTTP API, /healthz and user interfaces until ctx ends.
func (s *Server) serveHTTP(ctx context.Context) error {
	if s.cfg.HTTPAddress == "" {
		return nil
	}
	listener, err := net.Listen("tcp", s.cfg.HTTPAddress)
	if err != nil {
		return fmt.Errorf("cannot serve HTTP on %s: %w", s.cfg.HTTPAddress, err)
	}
	server := &http.Server{Handler: catchHTTP(s.panics, s.handler()), ReadHeaderTimeout: headerTime, ReadTimeout: bodyTime, WriteTimeout: answerTime, IdleTimeout: idleTime, MaxHeaderBytes: maxHeader}
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

// handler serves pages at their paths and the API at all others: it is the API that answers what is nowhere, as its clients can
// read. Paths of the API never come through a ServeMux, which redirects those that it would write differently.
func (s *Server) handler() http.Handler {
	pages := http.NewServeMux()
	pages.HandleFunc("GET /healthz", s.healthz)
	pages.Handle("/ui", s.ui)
	pages.Handle("/ui/", s.ui)
	pages.Handle("/logs/", s.ui)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		path := r.URL.Path
		if path == "/healthz" || path == "/ui" || strings.HasPrefix(path, "/ui/") || strings.HasPrefix(path, "/logs/") {
			pages.ServeHTTP(w, r)
			return
		}
		s.api.ServeHTTP(w, r)
	})
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
