package sigv4

import (
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"
)

// Requests as boto3 and the SDK for JavaScript really sign them.
func TestAuthenticate_TakesWhatRealClientsSent(t *testing.T) {
	for _, client := range []string{"python", "javascript"} {
		for _, request := range captured(t, client) {
			r, body := request.arrived(t)
			if user, err := newVerifier(signedAt).Authenticate(r, body); err != nil || user != "user of "+testID {
				t.Errorf("%s: %s %s: %q, %v", request.Client, request.Method, request.URL, user, err)
			}
		}
	}
}

// Whatever the signer of the SDK for Go signs, in the ways of three clients, is taken.
func TestAuthenticate_AgreesWithTheSDKsSigner(t *testing.T) {
	for _, s := range styles {
		for _, address := range []string{
			"http://h:7400/applications",
			"http://h/applications?states=B&states=A&maxResults=5&empty=&a-b=1&a=2&a=1",
			"http://h",
			"http://h/",
			"http://h:7400/tags/arn%3Aaws%3Aemr-serverless%3Aus-east-1%3A123456789012%3A%2Fapplications%2Fx" +
				"?tagKeys=a%20b&tagKeys=~%2B%2F%3D%3B",
			"http://h/applications/UPPER_bad%20id%2Fx/start",
			"http://h/%C3%A4/%7E!$&'()*+,=:@?x=%C3%A4+%25",
		} {
			for _, body := range []string{"", `{"name":"größe"}`} {
				r, content := sign(t, s, http.MethodPost, address, body, signedAt).arrived(t)
				if _, err := newVerifier(signedAt).Authenticate(r, content); err != nil {
					t.Errorf("%s %s with %q: %v", s.name, address, body, err)
				}
			}
		}
	}
}

// JavaScript sends // behind a base path, and signs the path without it.
func TestAuthenticate_DoubledSlashesCountOnce(t *testing.T) {
	request := sign(t, styles[0], http.MethodGet, "http://h/pre/fix/applications", "", signedAt)
	request.URL = "http://h/pre/fix///applications"
	r, body := request.arrived(t)
	if _, err := newVerifier(signedAt).Authenticate(r, body); err != nil {
		t.Error(err)
	}
}

func TestAuthenticate_TakesFifteenMinutesEitherWay(t *testing.T) {
	r, body := sign(t, styles[0], http.MethodGet, "http://h/applications", "", signedAt).arrived(t)
	for _, ok := range []time.Duration{-Skew, Skew, 0} {
		if _, err := newVerifier(signedAt.Add(ok)).Authenticate(r, body); err != nil {
			t.Errorf("%s off: %v", ok, err)
		}
	}
	_, err := newVerifier(signedAt.Add(Skew+time.Second)).Authenticate(r, body)
	wantRefused(t, "late", err, []string{Expired}, "20300101T000000Z", "20300101T001501Z", "15m1s before")
	_, err = newVerifier(signedAt.Add(-Skew-time.Second)).Authenticate(r, body)
	wantRefused(t, "early", err, []string{Future}, "20300101T000000Z", "20291231T234459Z", "15m1s after")
}

func TestAuthenticate_NamesWhatIsWrong(t *testing.T) {
	valid := sign(t, styles[2], http.MethodPost, "http://h/applications?a=b", "{}", signedAt)
	authorization := valid.Header["Authorization"]
	for what, c := range map[string]struct {
		change func(*sent)
		name   string
		words  []string
	}{
		"unsigned": {
			func(s *sent) { delete(s.Header, "Authorization") },
			Missing,
			[]string{"headrace access-key create"},
		},
		"presigned": {
			func(s *sent) { delete(s.Header, "Authorization"); s.URL += "&X-Amz-Signature=00" },
			Incomplete,
			[]string{"presigned"},
		},
		"another scheme": {
			func(s *sent) { s.Header["Authorization"] = "Bearer x" },
			Incomplete,
			[]string{"Bearer", algorithm},
		},
		"another service": {func(s *sent) {
			s.Header["Authorization"] = strings.Replace(authorization, "/emr-serverless/", "/s3/", 1)
		}, Mismatch, []string{`"s3"`, "emr-serverless"}},
		"unknown key": {
			func(s *sent) { s.Header["Authorization"] = strings.Replace(authorization, testID, "HRAKNOBODY", 1) },
			Unrecognized,
			[]string{"HRAKNOBODY"},
		},
		"no time":          {func(s *sent) { delete(s.Header, "X-Amz-Date") }, Incomplete, []string{"x-amz-date"}},
		"a time like none": {func(s *sent) { s.Header["X-Amz-Date"] = "yesterday" }, Incomplete, []string{"yesterday"}},
		"a fraction":       {func(s *sent) { s.Header["X-Amz-Date"] = "20300101T000000.5Z" }, Incomplete, nil},
		"another day": {func(s *sent) {
			s.Header["Authorization"] = strings.Replace(authorization, "/20300101/", "/20300102/", 1)
		}, Incomplete, []string{"same day"}},
		"host not signed": {
			func(s *sent) { s.Header["Authorization"] = strings.Replace(authorization, "host;", "", 1) },
			Incomplete,
			[]string{"host"},
		},
		"unsigned x-amz-": {
			func(s *sent) { s.Header["X-Amz-Security-Token"] = "t" },
			Incomplete,
			[]string{"x-amz-security-token"},
		},
		"a header went": {
			func(s *sent) { delete(s.Header, "Amz-Sdk-Request") },
			Mismatch,
			[]string{"amz-sdk-request"},
		},
		"another body": {func(s *sent) { s.Body = "[]" }, Mismatch, []string{"SHA-256 of the body", "2 bytes"}},
		"body not signed": {
			func(s *sent) { s.Header["X-Amz-Content-Sha256"] = unsignedPayload },
			Incomplete,
			[]string{unsignedPayload},
		},
		"body in pieces": {
			func(s *sent) { s.Header["X-Amz-Content-Sha256"] = "STREAMING-AWS4-HMAC-SHA256-PAYLOAD" },
			Incomplete,
			[]string{"STREAMING"},
		},
		"half a percent": {func(s *sent) { s.URL += "&x=%zz" }, Incomplete, []string{"x=%zz"}},
		"a semicolon":    {func(s *sent) { s.URL += "&x;y" }, Incomplete, []string{"x;y"}},
		"another signature": {
			func(s *sent) { s.Header["Authorization"] = authorization[:len(authorization)-1] + "0" },
			Mismatch,
			[]string{"POST", `"/applications"`, `"h"`, testID},
		},
	} {
		changed := valid.clone()
		c.change(changed)
		r, body := changed.arrived(t)
		_, err := newVerifier(signedAt).Authenticate(r, body)
		wantRefused(t, what, err, []string{c.name}, c.words...)
	}
	r, body := valid.arrived(t)
	r.Header.Add("Authorization", authorization)
	_, err := newVerifier(signedAt).Authenticate(r, body)
	wantRefused(t, "two headers", err, []string{Incomplete}, "2 Authorization headers")
}

// Where bodies need not be signed, one that was signed still has to be the one that arrived.
func TestAuthenticate_UnsignedPayloadWhereItIsAllowed(t *testing.T) {
	v := newVerifier(signedAt)
	v.UnsignedPayload = true
	r, _ := sign(t, styles[2], http.MethodPost, "http://h/livy", "{}", signedAt).arrived(t)
	_, err := v.Authenticate(r, []byte("other"))
	wantRefused(t, "another body", err, []string{Mismatch}, "SHA-256")
	a, refusal := parseAuthorization(r.Header.Get("Authorization"))
	if refusal != nil {
		t.Fatal(refusal)
	}
	r.Header.Set("X-Amz-Content-Sha256", unsignedPayload)
	canonical, refusal := canonicalRequest(r, a, unsignedPayload)
	if refusal != nil {
		t.Fatal(refusal)
	}
	a.signature = signatureOf([]byte(testSecret), a, "20300101T000000Z", canonical)
	r.Header.Set("Authorization", a.String())
	if _, err := v.Authenticate(r, []byte("any")); err != nil {
		t.Error(err)
	}
	v.UnsignedPayload = false
	_, err = v.Authenticate(r, []byte("any"))
	wantRefused(t, "elsewhere", err, []string{Incomplete}, unsignedPayload)
}

type broken struct{ error }

func (b broken) Find(string) (Key, bool, error) { return Key{}, false, b }

func TestAuthenticate_PassesOnWhyKeysCannotBeFound(t *testing.T) {
	v := newVerifier(signedAt)
	why := errors.New("the disk is gone")
	v.Keys = broken{why}
	r, body := sign(t, styles[0], http.MethodGet, "http://h/", "", signedAt).arrived(t)
	if _, err := v.Authenticate(r, body); !errors.Is(err, broken{why}) {
		t.Errorf("got %v", err)
	}
}
