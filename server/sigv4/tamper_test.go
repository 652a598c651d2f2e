package sigv4

import (
	"encoding/hex"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/url"
	"reflect"
	"regexp"
	"strings"
	"testing"
)

// String writes the header as clients do.
func (a *authorization) String() string {
	return fmt.Sprintf(
		"%s Credential=%s/%s/%s/%s/%s, SignedHeaders=%s, Signature=%s",
		algorithm,
		a.keyID,
		a.date,
		a.region,
		a.service,
		terminator,
		strings.Join(a.headers, ";"),
		hex.EncodeToString(a.signature),
	)
}

// Any change of what was signed is refused: one byte of method, path, query, body, a signed header, or the
// Authorization header.
func TestAuthenticate_RefusesEveryChange(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	for _, s := range styles {
		request := sign(
			t,
			s,
			http.MethodPost,
			"http://h:7400/applications/00f1/jobruns?states=A&maxResults=5",
			`{"name":"x"}`,
			signedAt,
		)
		r, _ := request.arrived(t)
		a, refusal := parseAuthorization(r.Header.Get("Authorization"))
		if refusal != nil {
			t.Fatal(refusal)
		}
		tried := 0
		for range 2000 {
			changed, what := change(random, request, a.headers)
			got, err := changed.parse()
			if err != nil {
				continue // no HTTP any more: net/http refuses it
			}
			if changed.Body == request.Body && sameMeaning(request, got, r) {
				continue
			}
			tried++
			if user, err := newVerifier(signedAt).Authenticate(got, []byte(changed.Body)); err == nil {
				t.Fatalf("%s: %s was changed, and %s is let in:\n%+v\n%+v", s.name, what, user, request, changed)
			}
		}
		if tried < 1000 {
			t.Errorf("%s: only %d changes were tried", s.name, tried)
		}
	}
}

var slashes = regexp.MustCompile("/+")

// sameMeaning says whether a change changed nothing that counts: slashes, blanks in a header, or the way a query is
// encoded.
func sameMeaning(request *sent, got, original *http.Request) bool {
	query, err := url.ParseQuery(got.URL.RawQuery)
	same := err == nil && reflect.DeepEqual(query, original.URL.Query()) && got.Method == original.Method &&
		got.Host == original.Host &&
		slashes.ReplaceAllString(got.URL.EscapedPath(), "/") == original.URL.EscapedPath() &&
		got.ContentLength == original.ContentLength
	for name := range request.Header {
		if name != "Authorization" {
			same = same &&
				strings.Join(strings.Fields(got.Header.Get(name)), " ") == strings.Join(
					strings.Fields(original.Header.Get(name)),
					" ",
				)
		}
	}
	one, refusal := parseAuthorization(got.Header.Get("Authorization"))
	two, _ := parseAuthorization(original.Header.Get("Authorization"))
	return same && refusal == nil && reflect.DeepEqual(one, two)
}

// change changes one byte, or adds one.
func change(random *rand.Rand, request *sent, signed []string) (changed *sent, what string) {
	changed = request.clone()
	switch random.IntN(6) {
	case 0:
		changed.Method = []string{"GET", "PUT", "DELETE", "post", "PATCH"}[random.IntN(5)]
		return changed, "the method"
	case 1:
		path, query, _ := strings.Cut(strings.TrimPrefix(request.URL, "http://h:7400/"), "?")
		changed.URL = "http://h:7400/" + mutate(random, path) + "?" + query
		return changed, "the path"
	case 2:
		path, query, _ := strings.Cut(request.URL, "?")
		changed.URL = path + "?" + mutate(random, query)
		return changed, "the query"
	case 3:
		changed.Body = mutate(random, request.Body)
		if changed.Body == request.Body {
			changed.Body += " "
		}
		return changed, "the body"
	case 4:
		name := http.CanonicalHeaderKey(signed[random.IntN(len(signed))])
		switch name {
		case "Host":
			changed.URL = strings.Replace(request.URL, "h:7400", "i:7400", 1)
		case "Content-Length":
			changed.Header["Content-Length"] = "0"
		default:
			changed.Header[name] = mutate(random, changed.Header[name])
		}
		return changed, "the header " + name
	}
	changed.Header["Authorization"] = mutate(random, request.Header["Authorization"])
	return changed, "the Authorization header"
}

// mutate changes one byte, removes one, or adds one.
func mutate(random *rand.Rand, s string) string {
	at := random.IntN(len(s))
	c := string(rune('!' + random.IntN('~'-'!')))
	switch random.IntN(3) {
	case 0:
		return s[:at] + c + s[at+1:]
	case 1:
		return s[:at] + s[at+1:]
	}
	return s[:at] + c + s[at:]
}
