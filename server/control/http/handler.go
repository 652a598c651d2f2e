package http

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	nethttp "net/http"
	"os"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/metadata"

	"github.com/headrace/headrace/internal/caught"
	"github.com/headrace/headrace/internal/errs"
	"github.com/headrace/headrace/server/control"
	"github.com/headrace/headrace/server/control/http/wire"
)

// Bounds of requests.
const (
	maxBody     = 1 << 20          // bytes; a submission has at most 256 KiB, and JSON may escape its characters
	maxRequests = 512              // at once
	callTime    = 20 * time.Second // of a call; forwarding tries for 15
)

// Authenticator says who makes a request, which is as it arrived; body is all of its body. Its errors are a Refusal, or of the kinds
// Unauthorized and Forbidden.
type Authenticator interface {
	Authenticate(r *nethttp.Request, body []byte) (user string, err error)
}

// Refusal is an error that says itself how it is told: its type, such as SignatureDoesNotMatch, the status, and a message.
type Refusal interface {
	error
	Refusal() (kind string, status int, message string)
}

// Config says what a Handler works with.
type Config struct {
	API           grpc.ClientConnInterface // the native API
	Authenticator Authenticator            // nil: everybody is let in
	Rates         Rates                    // of operations; nil: none is limited
	Panics        *caught.Panics           // nil: they are caught and not counted
}

// Handler serves the API.
type Handler struct {
	cfg     Config
	clients clients
	rates   *buckets
	places  chan struct{} // holds a token per request that is under way
}

// New returns a Handler.
func New(cfg Config) *Handler {
	return &Handler{cfg: cfg, clients: clientsOf(cfg.API), rates: newBuckets(cfg.Rates), places: make(chan struct{}, maxRequests)}
}

// ServeHTTP answers a request, always with JSON.
func (h *Handler) ServeHTTP(w nethttp.ResponseWriter, r *nethttp.Request) {
	id := requestID()
	w.Header().Set("x-amzn-RequestId", id)
	w.Header().Set("Cache-Control", "no-store")
	answer, err := h.answer(w, r, id)
	if err != nil {
		kind, status, message := described(err)
		wire.WriteError(w, status, kind, message)
		return
	}
	wire.WriteAnswer(w, answer)
}

// requestID returns a random UUID.
func requestID() string {
	var b [16]byte
	_, _ = rand.Read(b[:]) // never fails
	b[6], b[8] = b[6]&0x0f|0x40, b[8]&0x3f|0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", b[:4], b[4:6], b[6:8], b[8:10], b[10:])
}

// answer makes the answer. A panic is an internal error of this request alone.
func (h *Handler) answer(w nethttp.ResponseWriter, r *nethttp.Request, id string) (answer any, err error) {
	defer func() {
		if cause := recover(); cause != nil {
			answer, err = nil, h.cfg.Panics.Caught("a request", cause, "request", id, "method", r.Method, "path", r.URL.EscapedPath())
		}
	}()
	select {
	case h.places <- struct{}{}:
		defer func() { <-h.places }()
	default:
		return nil, errs.New(errs.Overloaded, "cannot take another request: %d are under way; try again later", maxRequests)
	}
	body, err := readBody(w, r)
	if err != nil {
		return nil, err
	}
	user, err := h.authenticate(r, body)
	if err != nil {
		return nil, err
	}
	op, labels, err := route(r.Method, r.URL.EscapedPath())
	if err != nil {
		return nil, err
	}
	if err := h.rates.take(op.name); err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(control.WithCaller(r.Context(), user), callTime)
	defer cancel()
	return h.call(metadata.AppendToOutgoingContext(ctx, "headrace-request-id", id), op, labels, r, body)
}

func (h *Handler) call(ctx context.Context, op *operation, labels []string, r *nethttp.Request, body []byte) (any, error) {
	query, err := queryOf(r.URL.RawQuery)
	if err != nil {
		return nil, err
	}
	c := &call{Context: ctx, clients: h.clients, query: query, body: body, names: map[string]string{}}
	if err := c.take(op, labels); err != nil {
		return nil, err
	}
	answer, err := op.answer(c)
	if err != nil {
		return nil, c.explained(op, err)
	}
	return answer, nil
}

// readBody reads the whole body, which has a bound.
func readBody(w nethttp.ResponseWriter, r *nethttp.Request) ([]byte, error) {
	body, err := io.ReadAll(nethttp.MaxBytesReader(w, r.Body, maxBody))
	var tooLarge *nethttp.MaxBytesError
	switch {
	case errors.As(err, &tooLarge):
		return nil, typed{nethttp.StatusRequestEntityTooLarge, "RequestEntityTooLargeException",
			fmt.Sprintf("cannot take a body of more than %d bytes; put large inputs into files", maxBody)}
	case errors.Is(err, os.ErrDeadlineExceeded):
		return nil, typed{nethttp.StatusRequestTimeout, "RequestTimeoutException", "cannot wait longer for the body; send it faster"}
	case err != nil:
		return nil, errs.New(errs.Invalid, "cannot read the body: %v", err)
	}
	return body, nil
}

func (h *Handler) authenticate(r *nethttp.Request, body []byte) (string, error) {
	if h.cfg.Authenticator == nil {
		return "", nil
	}
	return h.cfg.Authenticator.Authenticate(r, body)
}
