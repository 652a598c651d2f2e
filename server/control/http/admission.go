package http

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	nethttp "net/http"
	"os"
	"time"

	"github.com/headrace/headrace/internal/errs"
	"github.com/headrace/headrace/internal/inflight"
	"github.com/headrace/headrace/server/caller"
)

// Bounds of requests. A client is an access key or, before it has proved that it has one, an address.
const (
	maxBody      = 1 << 20 // bytes; a submission has at most 256 KiB, and JSON may escape its characters
	maxReading   = 256     // requests whose bodies come, at once
	readingEach  = 32      // of one client
	readingWait  = 2 * time.Second
	maxRequests  = 512 // that are answered, at once
	requestsEach = 128 // of one client
	throwTime    = 250 * time.Millisecond
)

// admit says who made a request and in whose share it is, and reads its body. It asks who made the request first, then
// takes a place to read in, then reads the body, then checks the proof: nobody without a key makes this server read a
// body, or takes a place from others. Only here a request over HTTP gets its caller.
func (h *Handler) admit(
	w nethttp.ResponseWriter,
	r *nethttp.Request,
) (who caller.Caller, client string, body []byte, err error) {
	if h.cfg.Authenticator == nil {
		address := inflight.Address(r.RemoteAddr)
		body, err = h.readBody(w, r, address)
		return caller.Local(), address, body, err
	}
	claim, err := h.cfg.Authenticator.Claim(r)
	if err != nil {
		throwAway(w, r)
		return who, "", nil, err
	}
	address := inflight.Address(r.RemoteAddr)
	reader := address
	if claim.Proved {
		reader = cmp.Or(claim.Key, address)
	}
	if body, err = h.readBody(w, r, reader); err != nil {
		return who, "", nil, err
	}
	user, err := claim.Verify(body)
	return caller.Caller{User: user, Operator: h.cfg.Trusted}, cmp.Or(claim.Key, address), body, err
}

// readBody reads the whole body, which has a bound, in a place for that.
func (h *Handler) readBody(w nethttp.ResponseWriter, r *nethttp.Request, client string) ([]byte, error) {
	if r.ContentLength == 0 {
		return nil, nil
	}
	leave := h.reading.Wait(r.Context(), client, readingWait)
	if leave == nil {
		throwAway(w, r)
		return nil, tooMany(readingEach, maxReading)
	}
	defer leave()
	body, err := io.ReadAll(nethttp.MaxBytesReader(w, r.Body, maxBody))
	var tooLarge *nethttp.MaxBytesError
	switch {
	case errors.As(err, &tooLarge):
		return nil, typed{
			status:  nethttp.StatusRequestEntityTooLarge,
			kind:    "RequestEntityTooLargeException",
			message: fmt.Sprintf("cannot take a body of more than %d bytes; put large inputs into files", maxBody),
		}
	case errors.Is(err, os.ErrDeadlineExceeded):
		return nil, typed{
			status:  nethttp.StatusRequestTimeout,
			kind:    "RequestTimeoutException",
			message: "cannot wait longer for the body; send it faster",
		}
	case err != nil:
		return nil, errs.New(errs.Invalid, "cannot read the body: %v", err)
	}
	return body, nil
}

func tooMany(each, all int) error {
	return errs.New(
		errs.Overloaded,
		"cannot take another request now: %d of this client or %d of all are under way; try again later",
		each,
		all,
	)
}

// throwAway reads a body that was sent already, so that its client reads the answer instead of a broken connection. If
// the body was not sent, nobody waits for it: the connection ends.
func throwAway(w nethttp.ResponseWriter, r *nethttp.Request) {
	if r.ContentLength == 0 || r.Body == nil {
		return
	}
	control := nethttp.NewResponseController(w)
	_ = control.SetReadDeadline(time.Now().Add(throwTime)) // what cannot have one ends by itself
	if _, err := io.CopyN(io.Discard, r.Body, maxBody); !errors.Is(err, io.EOF) {
		w.Header().Set("Connection", "close")
		_ = control.SetReadDeadline(time.Now()) // so that the rest is not waited for either
	}
}
