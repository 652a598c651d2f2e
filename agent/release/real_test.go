package release

import (
	"os"
	"testing"
)

// The real fetch costs some 400 MB of traffic, so it must be asked for.
func TestFetch_GetsTheRealRelease(t *testing.T) {
	if os.Getenv("HEADRACE_TEST_FETCH") != "1" {
		t.Skip("HEADRACE_TEST_FETCH=1 is not set: it downloads Spark from the Python package registry")
	}
	root, err := DefaultCache()
	if err != nil {
		t.Fatal(err)
	}
	last := ""
	r, err := Fetch(t.Context(), FetchOptions{Label: "emr-7.2.0", Root: root, Progress: func(p Progress) {
		if p.Ended || p.Step != last {
			t.Log(p)
		}
		last = p.Step
	}})
	if err != nil {
		t.Fatal(err)
	}
	home, version, err := recognise(r.SparkHome)
	if err != nil || home != "." || version != "3.5.1" {
		t.Errorf("recognised %q, %q, %v", home, version, err)
	}
	java, err := r.Java(t.Context())
	t.Logf("%+v, Java in %s, %v", r, java, err)
}
