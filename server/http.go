package server

import (
	"context"
	"errors"
	"fmt"
	"log"
	"net"
	"net/http"
	"strings"
	"time"

	"github.com/headrace/headrace/internal/inflight"
	"github.com/headrace/headrace/internal/seldom"
	"github.com/headrace/headrace/server/dispatch"
	"github.com/headrace/headrace/server/ui"
)

// Bounds of the HTTP listener. Handlers of pages that take longer to write say so themselves.
const (
	headerTime  = 5 * time.Second  // to read a request's header, or to shake hands
	bodyTime    = 15 * time.Second // to read all of a request
	answerTime  = 30 * time.Second // to answer it
	idleTime    = 2 * time.Minute  // of a connection without requests
	maxHeader   = 128 << 10        // bytes; keys of 200 tags in a query
	httpStreams = 100              // requests at once on a connection of HTTP/2
	maxPages    = 256              // pages and logs that are served at once
	pagesEach   = 64               // to one address
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
	listener = s.gate(listener, "HTTP", min(httpConns, openFiles()/4))
	server := s.httpServer()
	if s.files == nil {
		listener = s.mistaken.listen(listener, true)
	} else {
		if server.TLSConfig, err = s.files.Serve(); err != nil {
			return errors.Join(err, listener.Close())
		}
	}
	ended := make(chan struct{})
	stop := context.AfterFunc(ctx, func() {
		defer close(ended)
		stopHTTP(server)
	})
	if s.files == nil {
		err = server.Serve(listener)
	} else {
		err = server.ServeTLS(listener, "", "")
	}
	if !stop() {
		<-ended
	}
	if errors.Is(err, http.ErrServerClosed) {
		return nil
	}
	return err
}

// stopHTTP ends a server: requests that are under way have stopTime to end by themselves.
func stopHTTP(server *http.Server) {
	ctx, cancel := context.WithTimeout(context.Background(), stopTime)
	defer cancel()
	if err := server.Shutdown(ctx); err != nil {
		_ = server.Close()
	}
}

// httpServer returns the HTTP server with its bounds.
func (s *Server) httpServer() *http.Server {
	return &http.Server{
		Handler:           catchHTTP(s.panics, s.noGRPC(s.handler())),
		ReadHeaderTimeout: headerTime,
		ReadTimeout:       bodyTime,
		WriteTimeout:      answerTime,
		IdleTimeout:       idleTime,
		MaxHeaderBytes:    maxHeader,
		ErrorLog:          log.New(httpTrouble{seldom.New(s.cfg.Log)}, "", 0),
		HTTP2: &http.HTTP2Config{
			MaxConcurrentStreams: httpStreams,
			SendPingTimeout:      bodyTime,
			PingTimeout:          bodyTime,
			WriteByteTimeout:     answerTime,
		},
	}
}

// handler serves pages at their paths and the API at all others. So the API answers for paths that do not exist, in a
// form that its clients can read. Paths of the API never come through a ServeMux, which redirects those that it would
// write differently.
func (s *Server) handler() http.Handler {
	pages := http.NewServeMux()
	pages.HandleFunc("GET /healthz", s.healthz)
	served := inPlaces(inflight.New(maxPages, pagesEach), s.ui)
	pages.Handle("/ui", served)
	pages.Handle("/ui/", served)
	pages.Handle("/logs/", served)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		path := r.URL.Path
		if path == "/healthz" || path == "/ui" || strings.HasPrefix(path, "/ui/") || strings.HasPrefix(path, "/logs/") {
			pages.ServeHTTP(w, r)
			return
		}
		s.api.ServeHTTP(w, r)
	})
}

// inPlaces bounds what is served at once, in all and to one address.
func inPlaces(p *inflight.Limit, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		leave := p.Take(inflight.Address(r.RemoteAddr))
		if leave == nil {
			text := fmt.Sprintf(
				"cannot show another page now: %d of this client or %d of all are under way; try again later",
				pagesEach, maxPages)
			http.Error(w, text, http.StatusTooManyRequests)
			return
		}
		defer leave()
		next.ServeHTTP(w, r)
	})
}

// links are to user interfaces, at the address at which people reach this server.
func (s *Server) links() ui.Links {
	return ui.Links{Key: s.keyring.Derive("ui links"), URL: s.httpURL()}
}

// httpURL returns the address at which people reach this server's HTTP; empty: it serves none.
func (s *Server) httpURL() string {
	switch {
	case s.cfg.HTTPURL != "" || s.cfg.HTTPAddress == "":
		return s.cfg.HTTPURL
	case s.files != nil:
		return "https://" + s.advertised(s.cfg.HTTPAddress)
	}
	return "http://" + s.advertised(s.cfg.HTTPAddress)
}

// grants lets nodes read the managed logs that they are asked to show.
func (s *Server) grants() dispatch.Grants {
	return dispatch.Grants{Key: s.keyring.Derive(dispatch.GrantUse)}
}

// healthz says whether this server knows a leader: whether it can serve.
func (s *Server) healthz(w http.ResponseWriter, _ *http.Request) {
	if s.members.LeaderAddress() == "" {
		http.Error(w, "no leader", http.StatusServiceUnavailable)
		return
	}
	_, _ = fmt.Fprintln(w, "ok")
}
