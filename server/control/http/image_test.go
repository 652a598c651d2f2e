package http_test

import (
	nethttp "net/http"
	"net/http/httptest"
	"strings"
	"testing"

	specv1 "github.com/headrace/headrace/proto/headrace/spec/v1"
	"github.com/headrace/headrace/server/control/http"
)

// An image of any registry comes back as it was said, with its digest if the reference names it.
func TestHandler_ShowsImagesAndTheirDigests(t *testing.T) {
	const digest = "sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
	for _, uri := range []string{
		"123456789012.dkr.ecr.us-east-1.amazonaws.com/repo:tag", "ghcr.io/a/b@" + digest, "localhost:5000/a",
		"busybox", "registry.example/a/b:1@" + digest,
	} {
		image := specv1.Image_builder{Uri: &uri}.Build()
		handler := http.New(http.Config{API: &echo{application: specv1.Application_builder{Image: image}.Build()}})
		w := httptest.NewRecorder()
		handler.ServeHTTP(w, httptest.NewRequest(nethttp.MethodGet, "/applications/a", nil))
		a := answer{body: w.Body.String()}
		if got := a.text("application", "imageConfiguration", "imageUri"); got != uri {
			t.Errorf("%s came back as %q", uri, got)
		}
		got := a.text("application", "imageConfiguration", "resolvedImageDigest")
		if strings.Contains(uri, "@") != (got == digest) {
			t.Errorf("the digest of %s is %q", uri, got)
		}
	}
}
