package ui

import (
	"cmp"
	"context"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/headrace/headrace/fsm/state"
	"github.com/headrace/headrace/internal/caught"
	"github.com/headrace/headrace/internal/errs"
	"github.com/headrace/headrace/internal/logging"
	controlv1 "github.com/headrace/headrace/proto/headrace/control/v1"
	"github.com/headrace/headrace/server/dispatch"
)

// The paths of pages, and of logs.
const (
	prefix     = "/ui"
	logsPrefix = "/logs"
)

// Bounds of what is passed on.
const (
	maxConns    = 6                // to one target: what a browser opens
	idleTime    = 15 * time.Second // of a connection
	answerTime  = 90 * time.Second // of a page: a history server replays an event log for its first one
	requestTime = 2 * time.Minute  // of a request and its answer
)

// Cluster is what pages need of package control.
type Cluster interface {
	// View returns what this server has applied; fresh: everything that was acknowledged before the call.
	View(ctx context.Context, fresh bool) (*state.View, error)
	// ViewOf is View with everything that was acknowledged before the call, and with a run that left the state.
	ViewOf(ctx context.Context, run string) (*state.View, error)
	// Data gives use a Data stream of a node until use returns.
	Data(ctx context.Context, node string, use func(dispatch.DataStream) error) error
	// Log reads a log from its node or from where it is kept, no faster than take takes it.
	Log(ctx context.Context, log *controlv1.ReadLogRequest, take func(data []byte) error) error
}

// Config says what a Handler works with.
type Config struct {
	Links   Links
	Cluster Cluster
	Managed string // where managed logs are
	Grants  dispatch.Grants
	// Token returns what the pages of an attempt ask for. See package internal/pages.
	Token  func(run string, attempt uint32) string
	Log    *slog.Logger
	Panics *caught.Panics
}

// Handler serves /ui, /logs and everything below them. Close ends it.
type Handler struct {
	cfg       Config
	connector *connector
	transport *http.Transport
	end       context.CancelFunc
}

// New returns a Handler.
func New(cfg Config) *Handler {
	ctx, end := context.WithCancel(context.Background())
	h := &Handler{
		cfg: cfg,
		end: end,
		connector: &connector{
			cluster: cfg.Cluster,
			grants:  cfg.Grants,
			panics:  cfg.Panics,
			ctx:     ctx,
		},
	}
	h.transport = &http.Transport{
		DialContext:           h.dial,
		MaxConnsPerHost:       maxConns,
		MaxIdleConnsPerHost:   maxConns,
		IdleConnTimeout:       idleTime,
		ResponseHeaderTimeout: answerTime,
		DisableCompression:    true,
	}
	return h
}

// Close ends all connections and waits for them. Nobody may call the Handler any more.
func (h *Handler) Close() {
	h.end()
	h.transport.CloseIdleConnections()
	h.connector.wg.Wait()
}

// ServeHTTP serves a link, or a page or log below it.
func (h *Handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	protect(w.Header())
	_ = http.NewResponseController(w).SetWriteDeadline(time.Now().Add(requestTime))
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		refuseMethod(w, r)
		return
	}
	a := asked(r)
	attempt, err := h.cfg.Links.Check(a.token, time.Now())
	if err == nil {
		r = r.WithContext(logging.With(r.Context(), logging.Run, attempt.Run))
		err = h.serve(w, r, a, attempt)
	}
	if err != nil {
		h.fail(w, r, err)
	}
}

// refuseMethod answers all methods but GET and HEAD. Scripts of an origin of their own ask by OPTIONS before they read.
func refuseMethod(w http.ResponseWriter, r *http.Request) {
	if r.Method == http.MethodOptions {
		w.Header().Set("Access-Control-Allow-Methods", "GET, HEAD")
		w.Header().Set("Access-Control-Allow-Headers", "*")
		w.WriteHeader(http.StatusNoContent)
		return
	}
	w.Header().Set("Allow", "GET, HEAD")
	http.Error(w, "cannot "+r.Method+" here: these pages are for looking", http.StatusMethodNotAllowed)
}

// ask is what a request asks for.
type ask struct {
	token string
	logs  bool   // a path below /logs
	page  string // the rest of a path below /ui/<token>/
	slash bool   // there is that / after the token
}

// asked splits the path /ui/<token>/<rest>, or takes the token of the query.
func asked(r *http.Request) ask {
	if strings.HasPrefix(r.URL.Path, logsPrefix+"/") {
		return ask{token: r.URL.Query().Get("token"), logs: true}
	}
	path := strings.TrimPrefix(strings.TrimPrefix(r.URL.EscapedPath(), prefix), "/")
	token, rest, slash := strings.Cut(path, "/")
	return ask{token: cmp.Or(token, r.URL.Query().Get("token")), page: rest, slash: slash}
}

// serve serves a log, or a page, of the attempt that a token is for.
func (h *Handler) serve(w http.ResponseWriter, r *http.Request, a ask, attempt Attempt) error {
	if a.logs {
		return h.serveLogs(w, r, attempt)
	}
	base := prefix + "/" + a.token
	if !a.slash {
		redirect(w, base+"/")
		return nil
	}
	if log, gz, ok := logAsked(a.page, attempt); ok {
		return h.sendLog(w, r, log, gz)
	}
	return h.servePage(w, r, base, a.page, attempt)
}

// servePage serves a page of Spark's below base.
func (h *Handler) servePage(w http.ResponseWriter, r *http.Request, base, page string, attempt Attempt) error {
	to, err := h.where(r.Context(), attempt)
	if err != nil {
		return err
	}
	path, moved := to.path("/"+page, attempt)
	if moved {
		redirect(w, base+path+query(r.URL))
		return nil
	}
	to.show(h.cfg.Token(attempt.Run, attempt.Number))
	h.proxy(r, to, base, path).ServeHTTP(w, r)
	return nil
}

// where asks the local view first, and the cluster if the local view does not know the attempt.
func (h *Handler) where(ctx context.Context, a Attempt) (target, error) {
	view, err := h.cfg.Cluster.View(ctx, false)
	if err != nil {
		return target{}, err
	}
	to, err := where(view, a, h.cfg.Managed)
	if !errs.Is(err, errs.NotFound) {
		return to, err
	}
	if view, err = h.cfg.Cluster.ViewOf(ctx, a.Run); err != nil {
		return target{}, err
	}
	return where(view, a, h.cfg.Managed)
}

// path returns where a page is at the target. If moved is true, people are to ask for it there: a driver and a history
// server show the same pages at different paths.
func (t target) path(path string, a Attempt) (there string, moved bool) {
	past := "/history/" + a.Run + "/" + strconv.FormatUint(uint64(a.Number), 10)
	switch {
	case t.live() && path == "/", t.live() && path == past+"/":
		return "/jobs/", true
	case t.live():
		there, moved = strings.CutPrefix(path, past)
		return there, moved
	case path == "/":
		return past + "/jobs/", true
	}
	for _, own := range []string{"/history/", "/static/", "/api/"} {
		if strings.HasPrefix(path, own) {
			return path, false
		}
	}
	return past + path, true
}

// redirect sends people elsewhere on this server.
func redirect(w http.ResponseWriter, path string) {
	w.Header().Set("Location", path)
	w.WriteHeader(http.StatusFound)
}

func query(u *url.URL) string {
	if u.RawQuery == "" {
		return ""
	}
	return "?" + u.RawQuery
}

// targetKey holds the target of a request in its context.
type targetKey struct{}

// dial connects to a request's target, for the transport.
func (h *Handler) dial(ctx context.Context, _, _ string) (net.Conn, error) {
	to, ok := ctx.Value(targetKey{}).(target)
	if !ok {
		return nil, errs.New(errs.Internal, "a request for a page has no target")
	}
	ctx, cancel := context.WithTimeout(ctx, openTime)
	defer cancel()
	conn, err := h.connector.dial(ctx, to)
	if err != nil {
		return nil, err // not a nil *streamConn
	}
	return conn, nil
}
