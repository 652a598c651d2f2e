package sigv4

import (
	"net/http"
	"net/url"
	"strings"
	"time"
)

// Skew is how far the time of a request may be from the server's, in either direction.
const Skew = 15 * time.Minute

const (
	timeFormat      = "20060102T150405Z"
	unsignedPayload = "UNSIGNED-PAYLOAD"
	amzHeaders      = "X-Amz-" // headers that a client may not leave unsigned
)

// Key is an access key with its secret. It is not kept longer than a call.
type Key struct {
	// User is the user whose key it is, which Authenticate returns.
	User string
	// Secret signs.
	Secret []byte
}

// Keys finds access keys.
type Keys interface {
	// Find returns the key with an id; found is false if there is none, or it was revoked. An error that is an *Error
	// reaches the client.
	Find(id string) (key Key, found bool, err error)
}

// Verifier verifies signatures. All fields are set before its first use; then many goroutines may use it.
type Verifier struct {
	// Keys has the access keys.
	Keys Keys
	// Service is the only service that a signature may be for.
	Service string
	// Now is the server's clock.
	Now func() time.Time
	// UnsignedPayload takes requests whose body was not signed, which say so by x-amz-content-sha256. Only where
	// clients cannot do otherwise: anybody between could change the body.
	UnsignedPayload bool
}

// Authenticate returns the user of the key by which a request was signed. The request has to be as it arrived: host,
// path, query and headers unchanged; body is all of its body. Errors are of type *Error.
func (v *Verifier) Authenticate(r *http.Request, body []byte) (user string, err error) {
	claim, err := v.Claim(r)
	if err != nil {
		return "", err
	}
	return claim.Verify(body)
}

// read reads who signed, what, and when, and refuses what cannot be believed even if the signature is right.
func (v *Verifier) read(r *http.Request) (a *authorization, at string, err *Error) {
	if a, err = authorizationOf(r); err != nil {
		return nil, "", err
	}
	if at, err = v.checkTime(r, a); err != nil {
		return nil, "", err
	}
	if a.service != v.Service {
		return nil, "", refuse(Mismatch,
			"the request was signed for the service %.40q, and this is %q", a.service, v.Service)
	}
	if !a.signs("host") || r.URL.Opaque != "" {
		return nil, "", refuse(Incomplete, "the header host is not signed")
	}
	for name := range r.Header {
		if strings.HasPrefix(name, amzHeaders) && !a.signs(strings.ToLower(name)) {
			return nil, "", refuse(Incomplete,
				"the header %.80q is not signed; all that begin with x-amz- have to be", strings.ToLower(name))
		}
	}
	return a, at, nil
}

func authorizationOf(r *http.Request) (*authorization, *Error) {
	switch values := r.Header["Authorization"]; {
	case len(values) == 1:
		return parseAuthorization(values[0])
	case len(values) > 1:
		return nil, refuse(Incomplete, "there are %d Authorization headers", len(values))
	case presigned(r.URL):
		return nil, refuse(Incomplete,
			"the signature is in the URL; presigned URLs are not taken here: sign with the Authorization header")
	}
	return nil, refuse(Missing,
		"the request is not signed: configure the client with an access key of this cluster, which "+
			"`headrace access-key create` makes")
}

func presigned(u *url.URL) bool { return strings.Contains(u.RawQuery, "X-Amz-Signature=") }

// checkTime returns the time of a signature, as it was signed.
func (v *Verifier) checkTime(r *http.Request, a *authorization) (string, *Error) {
	values := r.Header["X-Amz-Date"]
	if len(values) != 1 || !a.signs("x-amz-date") {
		return "", refuse(Incomplete, "the request has no signed header x-amz-date, or several")
	}
	at, err := time.Parse(timeFormat, values[0])
	if err != nil || len(values[0]) != len(timeFormat) { // Parse would also take fractions of a second
		return "", refuse(Incomplete, "x-amz-date is %.40q and has to be like %s", values[0], timeFormat)
	}
	if a.date != values[0][:8] {
		return "", refuse(Incomplete,
			"the Credential is of %.20q and x-amz-date is %s: they have to be of the same day", a.date, values[0])
	}
	return values[0], checkSkew(at, v.Now().UTC())
}

// checkSkew refuses a signature that is too old, or of a time to come.
func checkSkew(at, now time.Time) *Error {
	told := func(name, direction string, by time.Duration) *Error {
		return refuse(name,
			"the request was signed at %s, %s %s the server's time, which is %s; the most is %s: "+
				"set the client's clock",
			at.Format(timeFormat), by.Truncate(time.Second), direction, now.Format(timeFormat), Skew)
	}
	switch {
	case now.Sub(at) > Skew:
		return told(Expired, "before", now.Sub(at))
	case at.Sub(now) > Skew:
		return told(Future, "after", at.Sub(now))
	}
	return nil
}
