package sigv4

import (
	"net/http"
	"strings"
	"testing"
)

// BenchmarkAuthenticate measures one verification: of a read with an empty body, and of a submission of 2 KiB with all
// headers that JavaScript signs.
func BenchmarkAuthenticate(b *testing.B) {
	const runs = "http://h:7400/applications/00f1abcd/jobruns"
	for name, request := range map[string]*sent{
		"get":    sign(b, styles[0], http.MethodGet, runs+"/00f2abcd", "", signedAt),
		"submit": sign(b, styles[2], http.MethodPost, runs, strings.Repeat("x", 2048), signedAt),
	} {
		b.Run(name, func(b *testing.B) {
			v := newVerifier(signedAt)
			r, body := request.arrived(b)
			b.ReportAllocs()
			for b.Loop() {
				if _, err := v.Authenticate(r, body); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
