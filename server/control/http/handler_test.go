package http

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	nethttp "net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/headrace/headrace/internal/caught"
	"github.com/headrace/headrace/internal/errs"
	"github.com/headrace/headrace/internal/grpcerr"
)

// api is a native API that answers every call in one way.
type api func(ctx context.Context, method string) error

func (a api) Invoke(ctx context.Context, method string, _, _ any, _ ...grpc.CallOption) error {
	return a(ctx, method)
}

func (api) NewStream(context.Context, *grpc.StreamDesc, string, ...grpc.CallOption) (grpc.ClientStream, error) {
	return nil, errors.New("no streams")
}

func failing(err error) api {
	return func(context.Context, string) error { return grpcerr.ToStatus(err) }
}

func handler(change func(*Config)) *Handler {
	cfg := Config{API: failing(nil), Panics: caught.New(slog.New(slog.DiscardHandler))}
	change(&cfg)
	return New(cfg)
}

// wantError sends a request that has to fail so, in JSON, and returns the message.
func wantError(t *testing.T, h nethttp.Handler, r *nethttp.Request, code int, kind string) string {
	t.Helper()
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	var body map[string]string
	if err := json.Unmarshal(w.Body.Bytes(), &body); err != nil || len(body) != 1 || body["message"] == "" {
		t.Errorf("%s %s: the body is %q", r.Method, r.URL, w.Body)
	}
	if w.Code != code || w.Header().Get("x-amzn-errortype") != kind ||
		w.Header().Get("Content-Type") != "application/json" ||
		len(w.Header().Get("x-amzn-RequestId")) != 36 {
		t.Errorf("%s %s: %d %v, want %d %s", r.Method, r.URL, w.Code, w.Header(), code, kind)
	}
	return body["message"]
}

func get(path string) *nethttp.Request { return httptest.NewRequest("GET", path, nil) }

func TestHandler_AnswersEveryErrorInJSON(t *testing.T) {
	panics := api(func(context.Context, string) error { panic("a bug") })
	for name, c := range map[string]struct {
		api     api
		request *nethttp.Request
		status  int
		kind    string
	}{
		"no path":     {failing(nil), get("/favicon.ico"), 404, "UnknownOperationException"},
		"root":        {failing(nil), get("/"), 404, "UnknownOperationException"},
		"no method":   {failing(nil), httptest.NewRequest("PUT", "/applications/a", nil), 405, "MethodNotAllowedException"},
		"panic":       {panics, get("/applications"), 500, "InternalServerException"},
		"bug":         {failing(errors.New("secret")), get("/applications"), 500, "InternalServerException"},
		"not found":   {failing(errs.New(errs.NotFound, "none")), get("/applications/a"), 404, "ResourceNotFoundException"},
		"wrong state": {failing(errs.New(errs.WrongState, "runs")), get("/applications/a"), 400, "ValidationException"},
		"conflict":    {failing(errs.New(errs.Conflict, "token")), get("/applications/a"), 409, "ConflictException"},
		"busy":        {failing(errs.New(errs.Overloaded, "full")), get("/applications/a"), 429, "ThrottlingException"},
		"no leader": {
			failing(errs.New(errs.Unavailable, "nobody leads")),
			get("/applications/a"), 503, "ServiceUnavailableException",
		},
		"unknown": {
			failing(errs.New(errs.Unknown, "lost")),
			get("/applications/a"),
			503,
			"ServiceUnavailableException",
		},
		"slow": {failing(context.DeadlineExceeded), get("/applications/a"), 503, "ServiceUnavailableException"},
		"gone": {failing(context.Canceled), get("/applications/a"), 503, "ServiceUnavailableException"},
		"quota": {
			failing(errs.New(errs.TooLarge, "much")),
			httptest.NewRequest("POST", "/applications/a/start", nil), 402, "ServiceQuotaExceededException",
		},
		"quota, get": {failing(errs.New(errs.TooLarge, "much")), get("/applications/a"), 400, "ValidationException"},
		"large": {
			failing(nil),
			httptest.NewRequest("POST", "/applications", bytes.NewReader(make([]byte, maxBody+1))),
			413,
			"RequestEntityTooLargeException",
		},
		"slow body": {
			failing(nil),
			httptest.NewRequest("POST", "/applications", reader{os.ErrDeadlineExceeded}), 408, "RequestTimeoutException",
		},
		"broken body": {
			failing(nil),
			httptest.NewRequest("POST", "/applications", reader{io.ErrUnexpectedEOF}), 400, "ValidationException",
		},
		"transport": {
			func(context.Context, string) error { return status.Error(codes.Unavailable, "refused") },
			get("/applications"), 503, "ServiceUnavailableException",
		},
		"unnamed code": {
			func(context.Context, string) error { return status.Error(codes.Unimplemented, "secret") },
			get("/applications"), 500, "InternalServerException",
		},
	} {
		t.Run(name, func(t *testing.T) {
			message := wantError(t, handler(func(cfg *Config) { cfg.API = c.api }), c.request, c.status, c.kind)
			if strings.Contains(message, "secret") || strings.Contains(message, "a bug") {
				t.Errorf("details of a bug are told: %s", message)
			}
		})
	}
}

// reader fails.
type reader struct{ err error }

func (r reader) Read([]byte) (int, error) { return 0, r.err }

// guard lets nobody in.
type guard struct{ err error }

func (g guard) Claim(*nethttp.Request) (Claim, error) {
	return Claim{Verify: func([]byte) (string, error) { return "", nil }}, g.err
}

func TestHandler_LetsInWhoIsLetIn(t *testing.T) {
	guarded := func(err error) *Handler {
		return handler(func(cfg *Config) {
			cfg.Authenticator = guard{err}
			if err != nil {
				cfg.API = api(func(context.Context, string) error { t.Error("a call was made"); return nil })
			}
		})
	}
	wantError(t, guarded(errs.New(errs.Unauthorized, "no key")), get("/nowhere"), 403, "UnrecognizedClientException")
	wantError(t, guarded(errs.New(errs.Forbidden, "not yours")), get("/applications"), 403, "AccessDeniedException")
	wantError(
		t,
		guarded(typed{403, "SignatureDoesNotMatch", "wrong"}),
		get("/applications"),
		403,
		"SignatureDoesNotMatch",
	)
	w := httptest.NewRecorder()
	guarded(nil).ServeHTTP(w, get("/applications"))
	if w.Code != 200 || strings.TrimSpace(w.Body.String()) != `{"applications":[]}` {
		t.Errorf("who is let in gets %d %s", w.Code, w.Body)
	}
}

func TestHandler_TakesNoMoreRequestsAtOnceThanItsBound(t *testing.T) {
	h := handler(func(*Config) {})
	var last func()
	for i := range maxRequests {
		last = h.calling.Take(fmt.Sprint(i))
	}
	wantError(t, h, get("/applications"), 429, "ThrottlingException")
	last()
	w := httptest.NewRecorder()
	if h.ServeHTTP(w, get("/applications")); w.Code != 200 || h.calling.Taken() != maxRequests-1 {
		t.Errorf("with room again: %d, %d under way", w.Code, h.calling.Taken())
	}
}

// One client cannot take the places of all others.
func TestHandler_TakesNoMoreOfOneClientThanItsShare(t *testing.T) {
	keys := map[string]string{"/applications/a": "KEY", "/applications/b": "OTHER"}
	h := handler(func(cfg *Config) { cfg.Authenticator = keyring(keys) })
	for range requestsEach {
		h.calling.Take("KEY")
	}
	wantError(t, h, get("/applications/a"), 429, "ThrottlingException")
	w := httptest.NewRecorder()
	if h.ServeHTTP(w, get("/applications/b")); w.Code != 200 {
		t.Errorf("another client: %d", w.Code)
	}
}

// keyring says by the path whose request it is.
type keyring map[string]string

func (k keyring) Claim(r *nethttp.Request) (Claim, error) {
	return Claim{Key: k[r.URL.Path], Verify: func([]byte) (string, error) { return "u", nil }}, nil
}

// unread fails the test when it is read in a place.
type unread struct {
	t *testing.T
	h *Handler
}

func (u unread) Read([]byte) (int, error) {
	if u.h.reading.Taken()+u.h.calling.Taken() > 0 {
		u.t.Error("a body is read in a place of somebody who was refused")
	}
	return 0, os.ErrDeadlineExceeded
}

// Who has no key takes no place, and its body is waited for no longer than a moment.
func TestHandler_RefusesBeforeItReads(t *testing.T) {
	h := handler(func(cfg *Config) { cfg.Authenticator = guard{errs.New(errs.Unauthorized, "no key")} })
	r, w := httptest.NewRequest("POST", "/applications", unread{t, h}), httptest.NewRecorder()
	h.ServeHTTP(w, r)
	if w.Code != 403 || w.Header().Get("Connection") != "close" {
		t.Errorf("%d, Connection: %q", w.Code, w.Header().Get("Connection"))
	}
	r, w = httptest.NewRequest("POST", "/applications", strings.NewReader("{}")), httptest.NewRecorder()
	h.ServeHTTP(w, r)
	if w.Code != 403 || w.Header().Get("Connection") != "" {
		t.Errorf("a body that has come: %d, Connection: %q", w.Code, w.Header().Get("Connection"))
	}
}

// Bodies that never come keep only places of their own client.
func TestHandler_ReadsBodiesInShares(t *testing.T) {
	h := handler(func(*Config) {})
	for range readingEach {
		h.reading.Take("192.0.2.1")
	}
	slow := httptest.NewRequest("POST", "/applications", strings.NewReader("{}"))
	slow.RemoteAddr = "192.0.2.1:7"
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	wantError(t, h, slow.WithContext(ctx), 429, "ThrottlingException")
	other, w := httptest.NewRequest("POST", "/applications", strings.NewReader("{")), httptest.NewRecorder()
	other.RemoteAddr = "192.0.2.2:7"
	if h.ServeHTTP(w, other); w.Code != 400 {
		t.Errorf("another client: %d", w.Code)
	}
	bare := get("/applications") // there is nothing to wait for
	bare.RemoteAddr, w = "192.0.2.1:7", httptest.NewRecorder()
	if h.ServeHTTP(w, bare); w.Code != 200 {
		t.Errorf("without a body: %d", w.Code)
	}
}

func TestRates_HoldPerOperation(t *testing.T) {
	rates, err := ParseRates([]string{"GetApplication=0.001/2", "published"})
	if err != nil {
		t.Fatal(err)
	}
	h := handler(func(cfg *Config) { cfg.Rates = rates })
	for range 2 {
		w := httptest.NewRecorder()
		if h.ServeHTTP(w, get("/applications/a")); w.Code != 200 {
			t.Errorf("within the burst: %d", w.Code)
		}
	}
	message := wantError(t, h, get("/applications/a"), 429, "ThrottlingException")
	if !strings.Contains(message, "GetApplication") {
		t.Error(message)
	}
	w := httptest.NewRecorder()
	if h.ServeHTTP(w, get("/applications")); w.Code != 200 {
		t.Errorf("another operation: %d", w.Code)
	}
	if len(PublishedRates()) != len(operations) {
		t.Errorf("%d of %d operations have a published rate", len(PublishedRates()), len(operations))
	}
	for _, wrong := range []string{
		"", "all", "GetApplication", "GetApplication=1", "GetApplication=0/1", "GetApplication=1/0",
		"GetApplication=NaN/1", "GetApplication=1/1/1", "None=1/1",
	} {
		if _, err := ParseRates([]string{wrong}); !errs.Is(err, errs.Invalid) {
			t.Errorf("%q is a rate: %v", wrong, err)
		}
	}
}

// The headers and states of the original's published rates: N per second, M at once.
func TestPublishedRates_AreTheOriginals(t *testing.T) {
	for name, want := range map[string]Rate{
		"ListApplications":      {10, 50},
		"CreateApplication":     {1, 25},
		"DeleteApplication":     {1, 25},
		"GetApplication":        {10, 50},
		"UpdateApplication":     {1, 25},
		"ListJobRuns":           {1, 25},
		"StartJobRun":           {1, 25},
		"GetDashboardForJobRun": {1, 2},
		"CancelJobRun":          {1, 25},
		"GetJobRun":             {10, 50},
		"StartApplication":      {1, 25},
		"StopApplication":       {1, 25},
	} {
		if got := PublishedRates()[name]; got != want {
			t.Errorf("%s may be called %v, want %v", name, got, want)
		}
	}
}
