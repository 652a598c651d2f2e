package sigv4

import (
	"net/http"
	"net/url"
	"reflect"
	"slices"
	"strings"
	"testing"
)

// What is parsed is within its bounds, and says the same when it is written and parsed again.
func FuzzParseAuthorization(f *testing.F) {
	const valid = algorithm + " Credential=HRAK/20300101/r/emr-serverless/aws4_request, " +
		"SignedHeaders=host;x-amz-date, Signature="
	for _, seed := range []string{
		"",
		algorithm,
		valid,
		valid + strings.Repeat("0a", 32),
		valid + strings.Repeat("0A", 32),
		valid + strings.Repeat("0a", 32) + ",Signature=",
		algorithm + " Credential=a/b/c/d/aws4_request,SignedHeaders=,Signature=" + strings.Repeat("0", 64),
		algorithm + " =,=,=",
		strings.Repeat(",", 5000),
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, value string) {
		a, refusal := parseAuthorization(value)
		if refusal != nil {
			if a != nil || refusal.Name != Incomplete || refusal.Status != http.StatusForbidden ||
				len(refusal.Message) > 500 {
				t.Fatalf("%q: %v, %v", value, a, refusal)
			}
			return
		}
		again, refusal := parseAuthorization(a.String())
		if refusal != nil || !reflect.DeepEqual(a, again) || len(a.signature) != 32 ||
			len(a.headers) > maxSignedHeaders {
			t.Fatalf("%q: %+v becomes %+v, %v", value, a, again, refusal)
		}
	})
}

// Nobody without the secret gets in, and nothing panics, whatever is sent: the one request that was signed is the only
// one taken.
func FuzzAuthenticate(f *testing.F) {
	valid := sign(f, styles[1], http.MethodPost, "http://h/applications/x?a=b", "{}", signedAt)
	f.Add(valid.Method, "/applications/x", "a=b", "h", valid.Header["Authorization"], valid.Header["X-Amz-Date"], "{}")
	f.Add("", "%", ";", "", "", "", "")
	f.Add("GET", "//%2f//", "&&=&%41=%", "h:1", algorithm+" Credential=/////", "20300101T000000Z", "\x00")
	f.Fuzz(func(t *testing.T, method, path, query, host, authorization, at, body string) {
		u, err := url.ParseRequestURI(path)
		if err != nil {
			return
		}
		u.RawQuery = query
		r := &http.Request{Method: method, URL: u, Host: host, ContentLength: int64(len(body)), Header: http.Header{}}
		for name, value := range valid.Header {
			r.Header.Set(name, value)
		}
		r.Header.Set("Authorization", authorization)
		r.Header.Set("X-Amz-Date", at)
		user, err := newVerifier(signedAt).Authenticate(r, []byte(body))
		signed := method == valid.Method && host == "h" && at == valid.Header["X-Amz-Date"] && body == valid.Body &&
			strings.ReplaceAll(u.EscapedPath(),
				"/", "") == "applicationsx" && reflect.DeepEqual(u.Query(), url.Values{"a": {"b"}})
		if err == nil && (user == "" || !signed) {
			t.Fatalf("%q %q %q %q is let in as %q", method, path, query, host, user)
		}
	})
}

// Both forms of a query, decoded, are the same query: what is verified is what handlers read.
func FuzzCanonicalQuery(f *testing.F) {
	for _, seed := range []string{"a=b&a=a&c", "a=%20&b=+", "%=1", "=&=", "a;b", "%C3%A4=%25"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, raw string) {
		canonical, refusal := canonicalQuery(raw)
		values, err := url.ParseQuery(raw)
		if (refusal != nil) != (err != nil) {
			t.Fatalf("%q: %v, but net/url says %v", raw, refusal, err)
		}
		if refusal != nil {
			return
		}
		again, err := url.ParseQuery(canonical)
		for _, list := range []url.Values{values, again} {
			for _, v := range list {
				slices.Sort(v)
			}
		}
		if err != nil || !reflect.DeepEqual(values, again) {
			t.Fatalf("%q becomes %q: %v, %v", raw, canonical, again, err)
		}
	})
}
