package ui

import (
	"context"
	"net/http"
	"net/http/httputil"
	"net/url"
	"strings"

	"github.com/headrace/headrace/internal/pages"
)

// proxy passes one request on to a target, whose pages people see below base.
func (h *Handler) proxy(to target, base, path string) http.Handler {
	return &httputil.ReverseProxy{
		Rewrite: func(r *httputil.ProxyRequest) {
			r.Out = r.Out.WithContext(context.WithValue(r.Out.Context(), targetKey{}, to))
			r.Out.URL = &url.URL{Scheme: "http", Host: to.host, RawQuery: r.In.URL.RawQuery}
			r.Out.URL.Path, r.Out.URL.RawPath = unescape(path), path
			r.Out.Host = to.host
			for _, name := range []string{"Cookie", "Authorization", "Referer", "Origin", "Accept-Encoding"} {
				r.Out.Header.Del(name)
			}
			r.Out.Header.Set("X-Forwarded-Context", base)
			r.Out.Header.Set(pages.Header, to.token)
		},
		Transport: h.transport,
		ModifyResponse: func(answer *http.Response) error {
			answer.Header.Del("Set-Cookie")
			if location := answer.Header.Get("Location"); location != "" {
				answer.Header.Set("Location", below(base, location))
			}
			unprotect(answer.Header) // ours stands already
			addShim(answer)
			return nil
		},
		ErrorHandler: h.fail,
	}
}

func unescape(path string) string {
	if plain, err := url.PathUnescape(path); err == nil {
		return plain
	}
	return path
}

// below returns where a redirect of Spark's leads, seen by people: Spark knows neither this host nor, at times, the base.
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

// protection keeps pages that users' programs make from acting as who looks at them: they have an origin of their own, from which
// they may read pages whose address, with the token in it, they know.
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

// unprotect removes from an answer what was set for it before.
func unprotect(header http.Header) {
	for name := range protection {
		header.Del(name)
	}
}
