package sigv4

import (
	"cmp"
	"net/http"
	"net/textproto"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

// canonicalRequest returns what was signed, as a text.
func canonicalRequest(r *http.Request, a *authorization, bodyHash string) (string, *Error) {
	query, err := canonicalQuery(r.URL.RawQuery)
	if err != nil {
		return "", err
	}
	var b strings.Builder
	b.Grow(512 + len(query))
	b.WriteString(r.Method + "\n" + canonicalPath(r.URL.EscapedPath()) + "\n" + query + "\n")
	for _, name := range a.headers {
		value, err := headerValue(r, name)
		if err != nil {
			return "", err
		}
		b.WriteString(name + ":" + value + "\n")
	}
	b.WriteString("\n" + strings.Join(a.headers, ";") + "\n" + bodyHash)
	return b.String(), nil
}

// canonicalPath takes the path as it was sent, and encodes it once more.
func canonicalPath(sent string) string {
	for strings.Contains(sent, "//") {
		sent = strings.ReplaceAll(sent, "//", "/")
	}
	return encode(cmp.Or(sent, "/"), '/')
}

// canonicalQuery decodes names and values, encodes them in the one way that counts, and sorts them. What a handler
// could read otherwise than this is refused.
func canonicalQuery(raw string) (string, *Error) {
	if raw == "" {
		return "", nil
	}
	var pairs [][2]string
	for part := range strings.SplitSeq(raw, "&") {
		if part == "" {
			continue
		}
		name, value, _ := strings.Cut(part, "=")
		name, err := url.QueryUnescape(name)
		value, valueErr := url.QueryUnescape(value)
		if err != nil || valueErr != nil || strings.Contains(part, ";") {
			return "", refuse(Incomplete,
				"the query has a part %.80q that cannot be decoded; encode %% and ; in it as %%25 and %%3B", part)
		}
		pairs = append(pairs, [2]string{encode(name, 0), encode(value, 0)})
	}
	slices.SortFunc(pairs, func(a, b [2]string) int {
		return cmp.Or(cmp.Compare(a[0], b[0]), cmp.Compare(a[1], b[1]))
	})
	return joined(pairs), nil
}

// joined writes pairs as a query.
func joined(pairs [][2]string) string {
	var b strings.Builder
	for i, pair := range pairs {
		if i > 0 {
			b.WriteByte('&')
		}
		b.WriteString(pair[0] + "=" + pair[1])
	}
	return b.String()
}

// headerValue returns the value of a signed header, with the blanks that do not count taken away. A Go server takes two
// headers out of the map.
func headerValue(r *http.Request, name string) (string, *Error) {
	values := r.Header[textproto.CanonicalMIMEHeaderKey(name)]
	switch {
	case name == "host":
		return r.Host, nil
	case name == "content-length" && len(values) == 0 && r.ContentLength >= 0:
		return strconv.FormatInt(r.ContentLength, 10), nil
	case len(values) == 0:
		return "", refuse(Mismatch,
			"the header %.80q was signed and did not arrive; something between client and server took it away", name)
	case len(values) == 1:
		return trim(values[0]), nil
	}
	trimmed := make([]string, len(values))
	for i, value := range values {
		trimmed[i] = trim(value)
	}
	return strings.Join(trimmed, ","), nil
}

// trim removes blanks around a value, and all but one of those that stand together in it.
func trim(value string) string {
	value = strings.TrimSpace(value)
	for strings.Contains(value, "  ") {
		value = strings.ReplaceAll(value, "  ", " ")
	}
	return value
}

// unreserved says whether a character stands for itself in a URI.
func unreserved(c byte) bool {
	switch {
	case c >= 'a' && c <= 'z', c >= 'A' && c <= 'Z', c >= '0' && c <= '9':
		return true
	}
	return c == '-' || c == '.' || c == '_' || c == '~'
}

// encode percent-encodes everything but letters, digits, - . _ ~ and one other character.
func encode(s string, spared byte) string {
	const digits = "0123456789ABCDEF"
	var b strings.Builder
	b.Grow(len(s) + 16)
	for i := range len(s) {
		if c := s[i]; unreserved(c) || c == spared && c != 0 {
			b.WriteByte(c)
		} else {
			b.WriteByte('%')
			b.WriteByte(digits[c>>4])
			b.WriteByte(digits[c&15])
		}
	}
	return b.String()
}
