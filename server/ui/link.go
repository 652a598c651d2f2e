package ui

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/headrace/headrace/internal/errs"
)

// Validity is how long a link works (specification of observability, section 10.2).
const Validity = time.Hour

// maxToken bounds a token, in bytes.
const maxToken = 256

// Attempt is what a link shows.
type Attempt struct {
	Application, Run string
	Number           uint32
}

// Links makes links and checks them. All servers of a cluster have the same key, so each serves the links of the
// others.
type Links struct {
	// Key signs.
	Key []byte
	// URL is the address at which people reach this server, such as https://spark.example.com:7400; empty: they do not.
	URL string
}

// Make returns a link to an attempt and when it expires. Its error is Unavailable when this server serves no HTTP.
func (l Links) Make(a Attempt, now time.Time) (link string, expires time.Time, err error) {
	if l.URL == "" {
		return "", time.Time{}, errs.New(errs.Unavailable,
			"cannot make a link: this server serves no HTTP; set http_address, or ask another server")
	}
	expires = now.Add(Validity).Truncate(time.Second)
	return strings.TrimSuffix(l.URL, "/") + prefix + "?token=" + url.QueryEscape(l.token(a, expires)), expires, nil
}

// token returns APPLICATION.RUN.ATTEMPT.EXPIRES.SIGNATURE, which says itself what it is for.
func (l Links) token(a Attempt, expires time.Time) string {
	said := fmt.Sprintf("%s.%s.%d.%d", a.Application, a.Run, a.Number, expires.Unix())
	return said + "." + l.sign(said)
}

func (l Links) sign(said string) string {
	mac := hmac.New(sha256.New, l.Key)
	mac.Write([]byte(said))
	return base64.RawURLEncoding.EncodeToString(mac.Sum(nil))
}

// Check returns what a token is for. Its error is Forbidden.
func (l Links) Check(token string, now time.Time) (Attempt, error) {
	end := strings.LastIndexByte(token, '.')
	if end < 0 || len(token) > maxToken || !hmac.Equal([]byte(l.sign(token[:end])), []byte(token[end+1:])) {
		return Attempt{}, errs.New(errs.Forbidden,
			"cannot show this: the link's signature is wrong; it may have been cut off")
	}
	a, expires, ok := parse(token[:end]) // a server said it
	if !ok {
		return Attempt{}, errs.New(errs.Forbidden, "cannot show this: the link is of another version")
	}
	if !now.Before(expires) {
		return Attempt{}, errs.New(errs.Forbidden,
			"cannot show this: the link expired at %s; `headrace job-run ui %s %s` makes another one",
			expires.UTC().Format(time.RFC3339), a.Application, a.Run)
	}
	return a, nil
}

// parse reads what a token says before its signature.
func parse(said string) (a Attempt, expires time.Time, ok bool) {
	parts := strings.Split(said, ".")
	if len(parts) != 4 {
		return Attempt{}, time.Time{}, false
	}
	number, err := strconv.ParseUint(parts[2], 10, 32)
	if err != nil {
		return Attempt{}, time.Time{}, false
	}
	at, err := strconv.ParseInt(parts[3], 10, 64)
	if err != nil {
		return Attempt{}, time.Time{}, false
	}
	a = Attempt{Application: parts[0], Run: parts[1], Number: uint32(number)}
	return a, time.Unix(at, 0), true
}
