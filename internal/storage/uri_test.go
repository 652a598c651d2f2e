package storage_test

import (
	"strings"
	"testing"

	"github.com/headrace/headrace/internal/errs"
	"github.com/headrace/headrace/internal/storage"
)

func TestCheck_TakesBucketsKeysAndAbsolutePaths(t *testing.T) {
	for _, uri := range []string{
		"s3://bucket",
		"s3://my.bucket-1/",
		"s3://bucket/a key/with?%20",
		"file:///",
		"file:///logs/a..b",
		"file:///a/.../b",
	} {
		if err := storage.Check(uri); err != nil {
			t.Errorf("%s: %v", uri, err)
		}
	}
}

func TestCheck_RefusesTheRestByName(t *testing.T) {
	for _, uri := range []string{
		"",
		"bucket/key",
		"/path",
		"s3:bucket",
		"s3a://bucket/key",
		"s3://",
		"s3:///key",
		"s3://B/key",
		"s3://ab",
		"file://",
		"file://host/path",
		"file://relative",
		"https://host/path",
		"file:///a/../b",
		"s3://bucket/../key",
		"s3://bucket/a\nb",
		"file:///a\x00",
		"s3://bucket/\xff",
	} {
		err := storage.Check(uri)
		if !errs.Is(err, errs.Invalid) || !strings.HasPrefix(err.Error(), "cannot use ") {
			t.Errorf("%q: %v, want %s", uri, err, errs.Invalid)
		}
	}
	if err := storage.Check("s3://bucket/" + strings.Repeat("k", 1025)); !errs.Is(err, errs.Invalid) ||
		len(err.Error()) > 300 {
		t.Errorf("a long key: %v", err)
	}
}

func TestCheck_NeverTellsSecrets(t *testing.T) {
	for _, uri := range []string{
		"s3://AKID:sesame@bucket/key",
		"https://user:sesame@host/",
		"https://host/key?X-Amz-Signature=sesame",
		"ftp://a@sesame@host",
		"s3://AKID:ses/sesame@bucket/key",
	} {
		if err := storage.Check(uri); err == nil || strings.Contains(err.Error(), "sesame") {
			t.Errorf("%s: %v", uri, err)
		}
	}
}

func TestJoin_PutsOneSlashBetween(t *testing.T) {
	for _, c := range [][3]string{
		{"s3://bucket", "a/b", "s3://bucket/a/b"},
		{"s3://bucket/", "/a", "s3://bucket/a"},
		{"s3://bucket/logs//", "a", "s3://bucket/logs/a"},
		{"file:///", "a", "file:///a"},
		{"file:///logs", "a/", "file:///logs/a/"},
		{"s3://bucket/logs", "", "s3://bucket/logs"},
	} {
		if got := storage.Join(c[0], c[1]); got != c[2] {
			t.Errorf("Join(%q, %q) = %q, want %q", c[0], c[1], got, c[2])
		}
	}
}
