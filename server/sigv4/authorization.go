package sigv4

import (
	"encoding/hex"
	"slices"
	"strings"
)

const (
	algorithm  = "AWS4-HMAC-SHA256"
	terminator = "aws4_request"

	// Bounds of the Authorization header: clients send some 300 bytes and 3 to 10 names.
	maxAuthorization = 4096
	maxSignedHeaders = 64
	maxScopePart     = 128
)

// authorization is what the Authorization header says.
type authorization struct {
	keyID, date, region, service string
	headers                      []string // sorted, lower-case, each once
	signature                    []byte   // 32 bytes
}

// parseAuthorization reads: AWS4-HMAC-SHA256 Credential=ID/DATE/REGION/SERVICE/aws4_request, SignedHeaders=a;b,
// Signature=HEX. The three parts stand in any order, each once, and nothing else may be there.
func parseAuthorization(value string) (*authorization, *Error) {
	if len(value) > maxAuthorization {
		return nil, refuse(Incomplete,
			"the Authorization header has %d bytes; the most is %d", len(value), maxAuthorization)
	}
	scheme, rest, _ := strings.Cut(value, " ")
	if scheme != algorithm {
		return nil, refuse(Incomplete,
			"the Authorization header begins with %.40q; only %s is taken", scheme, algorithm)
	}
	a := &authorization{}
	seen := map[string]bool{}
	for part := range strings.SplitSeq(rest, ",") {
		name, value, _ := strings.Cut(strings.TrimSpace(part), "=")
		if seen[name] {
			return nil, refuse(Incomplete, "the Authorization header has %.40q twice", name)
		}
		seen[name] = true
		if err := a.set(name, value); err != nil {
			return nil, err
		}
	}
	for _, name := range []string{"Credential", "SignedHeaders", "Signature"} {
		if !seen[name] {
			return nil, refuse(Incomplete, "the Authorization header has no %s", name)
		}
	}
	return a, nil
}

func (a *authorization) set(name, value string) *Error {
	switch name {
	case "Credential":
		return a.setCredential(value)
	case "SignedHeaders":
		return a.setHeaders(value)
	case "Signature":
		signature, err := hex.DecodeString(value)
		if err != nil || len(signature) != 32 || strings.ToLower(value) != value {
			return refuse(Incomplete, "the Signature has %d characters and is not 64 of 0-9 and a-f", len(value))
		}
		a.signature = signature
		return nil
	}
	return refuse(Incomplete,
		"the Authorization header has a part %.40q; it has Credential, SignedHeaders and Signature", name)
}

func (a *authorization) setCredential(value string) *Error {
	parts := strings.Split(value, "/")
	if len(parts) != 5 || parts[4] != terminator {
		return refuse(Incomplete, "the Credential is not ACCESS_KEY/DATE/REGION/SERVICE/%s", terminator)
	}
	for _, part := range parts {
		if part == "" || len(part) > maxScopePart ||
			strings.ContainsFunc(part, func(r rune) bool { return r <= ' ' || r > '~' }) {
			return refuse(Incomplete,
				"the Credential has a part that is empty, longer than %d characters or not of printable ASCII",
				maxScopePart)
		}
	}
	a.keyID = parts[0]
	a.date = parts[1]
	a.region = parts[2]
	a.service = parts[3]
	return nil
}

func (a *authorization) setHeaders(value string) *Error {
	a.headers = strings.Split(value, ";")
	if len(a.headers) > maxSignedHeaders {
		return refuse(Incomplete, "%d headers are signed; the most is %d", len(a.headers), maxSignedHeaders)
	}
	for i, name := range a.headers {
		if name == "" || strings.ContainsFunc(name, notInHeaderName) || i > 0 && a.headers[i-1] >= name {
			return refuse(Incomplete, "SignedHeaders is not a list of names in lower case, sorted, with ; between them")
		}
	}
	return nil
}

// notInHeaderName says whether the name of a signed header cannot have a character: names are tokens, in lower case.
func notInHeaderName(r rune) bool {
	return (r < 'a' || r > 'z') && (r < '0' || r > '9') && !strings.ContainsRune("!#$%&'*+-.^_`|~", r)
}

// signs says whether a header is among those that were signed.
func (a *authorization) signs(name string) bool {
	_, found := slices.BinarySearch(a.headers, name)
	return found
}
