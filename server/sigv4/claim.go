package sigv4

import (
	"crypto/hmac"
	"net/http"
	"strings"
)

// Claim is what a request says of its signer, before its body was read. It is well-formed, not too old, and of a key
// that exists. Only one goroutine uses it.
type Claim struct {
	// KeyID is the key that it names.
	KeyID string
	// Proved says that the key's secret has signed it, if the body is the one that it declares. A client that declares
	// no hash of its body proves nothing before Verify.
	Proved bool

	verifier *Verifier
	request  *http.Request
	signed   *authorization
	at       string
	declared string // what it says of its body; empty: nothing
	user     string // when it is proved
}

// Claim reads which key a request says it was signed with, without its body. What can never become valid is refused
// here, so that nobody without a key makes a server read a body, or keep a place for it. Errors are of type *Error.
func (v *Verifier) Claim(r *http.Request) (*Claim, error) {
	c := &Claim{verifier: v, request: r}
	var refusal *Error
	if c.signed, c.at, refusal = v.read(r); refusal != nil {
		return nil, refusal
	}
	c.KeyID = c.signed.keyID
	if c.declared, refusal = v.declared(r); refusal != nil {
		return nil, refusal
	}
	if c.declared == "" {
		_, err := c.key()
		return c, err
	}
	user, err := c.check(c.declared)
	c.Proved = err == nil
	c.user = user
	return c, err
}

// declared returns what a request says of its body: a SHA-256, that it is not signed, or nothing.
func (v *Verifier) declared(r *http.Request) (string, *Error) {
	values := r.Header["X-Amz-Content-Sha256"]
	switch {
	case len(values) == 0:
		return "", nil
	case len(values) > 1:
		return "", refuse(Incomplete, "there are %d headers x-amz-content-sha256", len(values))
	case values[0] == unsignedPayload && v.UnsignedPayload, isHash(values[0]):
		return values[0], nil
	case values[0] == unsignedPayload || strings.HasPrefix(values[0], "STREAMING-"):
		return "", refuse(Incomplete,
			"x-amz-content-sha256 is %.60q, and the body has to be signed here, as a whole", values[0])
	}
	return "", refuse(Incomplete,
		"x-amz-content-sha256 is %.80q, and has to be the SHA-256 of the body: 64 of 0-9 and a-f", values[0])
}

// isHash says whether a text is a SHA-256 as clients write it.
func isHash(text string) bool {
	return len(text) == 64 &&
		!strings.ContainsFunc(text, func(r rune) bool { return (r < '0' || r > '9') && (r < 'a' || r > 'f') })
}

// Verify returns the user who signed the request, if this is its body.
func (c *Claim) Verify(body []byte) (user string, err error) {
	switch {
	case c.declared == "":
		return c.check(hashOf(body))
	case c.declared != unsignedPayload && c.declared != hashOf(body):
		return "", refuse(Mismatch,
			"x-amz-content-sha256 is not the SHA-256 of the body, which has %d bytes here", len(body))
	}
	return c.user, nil
}

// check holds that the key has signed the request with a body of that hash.
func (c *Claim) check(bodyHash string) (user string, err error) {
	canonical, refusal := canonicalRequest(c.request, c.signed, bodyHash)
	if refusal != nil {
		return "", refusal
	}
	key, err := c.key()
	if err != nil {
		return "", err
	}
	if !hmac.Equal(signatureOf(key.Secret, c.signed, c.at, canonical), c.signed.signature) {
		return "", refuse(Mismatch,
			"the signature is not the one of this request with access key %.40q: check the secret access key, "+
				"and that no proxy changes Host, path, query, headers or body; "+
				"here the request is %s %.120q at host %.80q",
			c.KeyID, c.request.Method, c.request.URL.EscapedPath(), c.request.Host)
	}
	return key.User, nil
}

// key finds the key. It is looked up whenever it is needed and not kept: it may be revoked while the body comes.
func (c *Claim) key() (Key, error) {
	key, found, err := c.verifier.Keys.Find(c.KeyID)
	switch {
	case err != nil:
		return Key{}, err
	case !found:
		return Key{}, refuse(Unrecognized,
			"there is no access key %.40q in this cluster: it was revoked, or is another cluster's; "+
				"`headrace access-key list` shows those that there are", c.KeyID)
	}
	return key, nil
}
