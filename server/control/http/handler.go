package http

import (
	"context"
	"crypto/rand"
	"fmt"
	nethttp "net/http"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/metadata"

	"github.com/headrace/headrace/internal/caught"
	"github.com/headrace/headrace/internal/inflight"
	"github.com/headrace/headrace/internal/spec/codec"
	"github.com/headrace/headrace/server/caller"
)

// callTime bounds a call; forwarding tries for 15 s.
const callTime = 20 * time.Second

// Authenticator says who makes a request. Its errors, and those of its claims, are a Refusal, or of the kinds
// Unauthorized and Forbidden.
type Authenticator interface {
	// Claim reads who claims to have made a request. The request is as it arrived, without its body. Nothing is done
	// for a request before it has a claim.
	Claim(r *nethttp.Request) (Claim, error)
}

// Claim is what a request says of its caller.
type Claim struct {
	// Key is the access key in whose share of places the request is; empty: it is in the share of its address.
	Key string
	// Proved says whether the claim is believed without the body.
	Proved bool
	// Verify says who made the request, given all of its body.
	Verify func(body []byte) (user string, err error)
}

// Refusal is an error that says itself how it is told: its type, such as SignatureDoesNotMatch, the status, and a
// message.
type Refusal interface {
	error
	Refusal() (kind string, status int, message string)
}

// Config says what a Handler works with.
type Config struct {
	API           grpc.ClientConnInterface // the native API
	Authenticator Authenticator            // nil: everybody is let in, and may do everything
	Trusted       bool                     // whoever is let in may do everything: headrace dev
	Rates         Rates                    // of operations; nil: none is limited
	Panics        *caught.Panics           // nil: they are caught and not counted
}

// Handler serves the API.
type Handler struct {
	cfg     Config
	clients clients
	rates   *buckets
	reading *inflight.Limit // of requests whose bodies come
	calling *inflight.Limit // of requests that are answered
}

// New returns a Handler.
func New(cfg Config) *Handler {
	return &Handler{
		cfg:     cfg,
		clients: clientsOf(cfg.API),
		rates:   newBuckets(cfg.Rates),
		reading: inflight.New(maxReading, readingEach),
		calling: inflight.New(maxRequests, requestsEach),
	}
}

// ServeHTTP answers a request, always with JSON.
func (h *Handler) ServeHTTP(w nethttp.ResponseWriter, r *nethttp.Request) {
	id := requestID()
	w.Header().Set("x-amzn-RequestId", id)
	w.Header().Set("Cache-Control", "no-store")
	answer, err := h.answer(w, r, id)
	if err != nil {
		kind, status, message := described(err)
		writeError(w, status, kind, message)
		return
	}
	writeAnswer(w, answer)
}

// requestID returns a random UUID.
func requestID() string {
	var b [16]byte
	_, _ = rand.Read(b[:]) // never fails
	b[6] = b[6]&0x0f | 0x40
	b[8] = b[8]&0x3f | 0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", b[:4], b[4:6], b[6:8], b[8:10], b[10:])
}

// answer makes the answer. A panic is an internal error of this request alone.
func (h *Handler) answer(w nethttp.ResponseWriter, r *nethttp.Request, id string) (answer *codec.Node, err error) {
	defer func() {
		if cause := recover(); cause != nil {
			answer = nil
			path := r.URL.EscapedPath()
			err = h.cfg.Panics.Caught("a request", cause, "request", id, "method", r.Method, "path", path)
		}
	}()
	who, client, body, err := h.admit(w, r)
	if err != nil {
		return nil, err
	}
	leave := h.calling.Take(client)
	if leave == nil {
		return nil, tooMany(requestsEach, maxRequests)
	}
	defer leave()
	op, labels, err := route(r.Method, r.URL.EscapedPath())
	if err != nil {
		return nil, err
	}
	if err := h.rates.take(op.name); err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(caller.With(r.Context(), who), callTime)
	defer cancel()
	return h.call(metadata.AppendToOutgoingContext(ctx, "headrace-request-id", id), op, labels, r, body)
}

func (h *Handler) call(
	ctx context.Context,
	op *operation,
	labels []string,
	r *nethttp.Request,
	body []byte,
) (*codec.Node, error) {
	query, err := queryOf(r.URL.RawQuery)
	if err != nil {
		return nil, err
	}
	c := &call{
		Context: ctx,
		clients: h.clients,
		query:   query,
		body:    body,
	}
	if err := c.take(op, labels); err != nil {
		return nil, err
	}
	answer, err := op.answer(c)
	if err != nil {
		return nil, c.explained(op, err)
	}
	return answer, nil
}
