package ui

import (
	"context"
	"net/http"
	"net/http/httptrace"
	"net/http/httputil"
	"net/url"
	"strings"

	"github.com/headrace/headrace/internal/pages"
)

// proxy passes a request on to a target, whose pages people see below base.
func (h *Handler) proxy(asked *http.Request, to target, base, path string) http.Handler {
	note := ""
	return &httputil.ReverseProxy{
		Rewrite: func(r *httputil.ProxyRequest) {
			direct(r, to, base, path)
			r.Out = r.Out.WithContext(noting(r.Out.Context(), &note))
		},
		Transport: h.transport,
		ModifyResponse: func(answer *http.Response) error {
			adapt(answer, base, note)
			return nil
		},
		ErrorHandler: func(w http.ResponseWriter, _ *http.Request, err error) { h.fail(w, asked, err) },
	}
}

// direct makes a request into one for a path of a target, without what a browser says about its user.
func direct(r *httputil.ProxyRequest, to target, base, path string) {
	r.Out = r.Out.WithContext(context.WithValue(r.Out.Context(), targetKey{}, to))
	r.Out.Host = to.host
	r.Out.URL = &url.URL{
		Scheme:   "http",
		Host:     to.host,
		Path:     unescape(path),
		RawPath:  path,
		RawQuery: r.In.URL.RawQuery,
	}
	withoutAsks(r.Out.URL)
	for _, name := range []string{"Cookie", "Authorization", "Referer", "Origin", "Accept-Encoding"} {
		r.Out.Header.Del(name)
	}
	r.Out.Header.Set("X-Forwarded-Context", base)
	r.Out.Header.Set(pages.Header, to.token)
}

// noting has a request note what people are to know of the pages: the connection knows it that the request gets.
func noting(ctx context.Context, note *string) context.Context {
	return httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{
		GotConn: func(got httptrace.GotConnInfo) {
			if conn, ours := got.Conn.(*streamConn); ours {
				*note = conn.note
			}
		},
	})
}

// adapt makes a target's answer into one of a page below base.
func adapt(answer *http.Response, base, note string) {
	answer.Header.Del("Set-Cookie")
	if location := answer.Header.Get("Location"); location != "" {
		answer.Header.Set("Location", below(base, location))
	}
	unprotect(answer.Header) // ours stands already
	addShim(answer, note)
}

func unescape(path string) string {
	if plain, err := url.PathUnescape(path); err == nil {
		return plain
	}
	return path
}

// below returns where a redirect of Spark's leads as people see it: Spark does not know this host, and not always the
// base.
func below(base, location string) string {
	u, err := url.Parse(location)
	if err != nil {
		return base + "/"
	}
	path := u.EscapedPath()
	if !strings.HasPrefix(path, base+"/") {
		path = base + "/" + strings.TrimPrefix(path, "/")
	}
	return path + query(u)
}

// protection keeps pages that users' programs make from acting as the people who look at them. The pages have an origin
// of their own, from which they may read only pages whose address, with the token in it, they know.
var protection = map[string]string{
	"Content-Security-Policy":     "sandbox allow-scripts allow-forms allow-popups allow-downloads",
	"Access-Control-Allow-Origin": "*",
	"Referrer-Policy":             "no-referrer",
	"X-Content-Type-Options":      "nosniff",
	"X-Frame-Options":             "DENY",
}

// protect sets the protection.
func protect(header http.Header) {
	for name, value := range protection {
		header.Set(name, value)
	}
}

// unprotect removes the protection from an answer of a target, as this server has set its own.
func unprotect(header http.Header) {
	for name := range protection {
		header.Del(name)
	}
}
