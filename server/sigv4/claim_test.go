package sigv4

import (
	"net/http"
	"strings"
	"testing"
)

// Whoever has no key is refused before a byte of the body is read.
func TestClaim_NeedsNoBody(t *testing.T) {
	for _, s := range styles {
		request := sign(t, s, http.MethodPost, "http://h/applications", "{}", signedAt)
		r, body := request.arrived(t)
		r.Body = nil // nobody may read it
		claim, err := newVerifier(signedAt).Claim(r)
		if declares := r.Header.Get("X-Amz-Content-Sha256") != ""; err != nil || claim.KeyID != testID ||
			claim.Proved != declares {
			t.Fatalf("%s: %+v, %v", s.name, claim, err)
		}
		if user, err := claim.Verify(body); err != nil || user != "user of "+testID {
			t.Errorf("%s: %q, %v", s.name, user, err)
		}
		_, err = claim.Verify([]byte("[]"))
		wantRefused(t, s.name+" with another body", err, []string{Mismatch})
		authorization := request.Header["Authorization"]
		r.Header.Set("Authorization", strings.Replace(authorization, testID, "HRAKNOBODY", 1))
		_, err = newVerifier(signedAt).Claim(r)
		wantRefused(t, s.name+" with an unknown key", err, []string{Unrecognized}, "HRAKNOBODY")
	}
}

// A client that declares its body has proved who it is before it sends it; without the secret it cannot.
func TestClaim_OfADeclaredBodyIsProvedOrRefused(t *testing.T) {
	request := sign(t, styles[2], http.MethodPost, "http://h/applications", "{}", signedAt)
	r, _ := request.arrived(t)
	authorization := request.Header["Authorization"]
	r.Header.Set("Authorization", authorization[:len(authorization)-1]+"0")
	_, err := newVerifier(signedAt).Claim(r)
	wantRefused(t, "another signature", err, []string{Mismatch})
	for _, declared := range []string{"", "x", strings.Repeat("g", 64), strings.Repeat("A", 64)} {
		r.Header.Set("X-Amz-Content-Sha256", declared)
		_, err := newVerifier(signedAt).Claim(r)
		wantRefused(t, declared, err, []string{Incomplete}, "x-amz-content-sha256", "64 of 0-9 and a-f")
	}
}

// A key that is revoked while the body comes signs no more.
func TestClaim_OfAKeyThatIsRevokedMeanwhile(t *testing.T) {
	v := newVerifier(signedAt)
	all := keys{testID: testSecret}
	v.Keys = all
	r, body := sign(t, styles[0], http.MethodPost, "http://h/applications", "{}", signedAt).arrived(t)
	claim, err := v.Claim(r)
	if err != nil {
		t.Fatal(err)
	}
	delete(all, testID)
	_, err = claim.Verify(body)
	wantRefused(t, "revoked", err, []string{Unrecognized})
}
