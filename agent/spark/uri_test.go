package spark

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/headrace/headrace/agent/release"
	"github.com/headrace/headrace/agent/runtime"
)

func TestURIs_OfTheImageLeadIntoTheRelease(t *testing.T) {
	p := layout{home: &runtime.Home{Seen: "/d/work"}, release: release.Release{SparkHome: "/r/spark"}}
	for in, want := range map[string]string{
		"/usr/lib/spark/jars/a.jar":                        "/r/spark/jars/a.jar",
		"local:///usr/lib/spark/a.py":                      "file:///r/spark/a.py",
		"local:/usr/lib/spark/a.py":                        "file:///r/spark/a.py",
		"file:///usr/lib/spark/a.zip#x":                    "file:///r/spark/a.zip#x",
		" s3://b/usr/lib/spark/a.py , /usr/lib/spark/b,, ": "s3://b/usr/lib/spark/a.py,/r/spark/b",
		"/usr/lib/sparkle/a.py,local:///opt/a.jar":         "/usr/lib/sparkle/a.py,local:///opt/a.jar",
	} {
		if got := p.uris(in); got != want {
			t.Errorf("uris(%q) = %q, want %q", in, got, want)
		}
	}
	for in, want := range map[string]string{
		"/x/y.jar:/usr/lib/spark/jars/*":                   "/x/y.jar:/r/spark/jars/*",
		"local:///usr/lib/spark/a.jar:file:/opt/b.jar:c/d": "/r/spark/a.jar:/opt/b.jar:c/d",
		"/usr/lib/spark": "/r/spark",
	} {
		if got := p.classPath(in); got != want {
			t.Errorf("classPath(%q) = %q, want %q", in, got, want)
		}
	}
}

func TestLocalPath_IsAPlaceOnThisNode(t *testing.T) {
	p := layout{home: &runtime.Home{Seen: "/d/work"}, release: release.Release{SparkHome: "/r/spark"}}
	for in, want := range map[string]string{
		"local:///usr/lib/spark/a.py": "/r/spark/a.py", "local:///opt/a%20b.zip#x": "/opt/a b.zip", "file:/opt/a": "/opt/a",
		"/opt/link/../a.py": "/opt/link/../a.py", // the link decides which file that is
		"/opt/a%20b.py":     "/opt/a%20b.py", "job.py": "/d/work/job.py", "local:job.py": "/d/work/job.py", "s3://b/a.py": "",
	} {
		if got, local := p.localPath(in); got != want || local != (want != "") {
			t.Errorf("localPath(%q) = %q, %v", in, got, local)
		}
	}
}

func TestInRelease_FindsAJarThatTheImageHasWithoutItsVersion(t *testing.T) {
	home := t.TempDir()
	jar := filepath.Join(home, "spark-examples_2.12-3.5.1.jar")
	if err := os.WriteFile(jar, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	p := layout{release: release.Release{SparkHome: home}}
	if got := p.inRelease("local:///usr/lib/spark/spark-examples.jar"); got != "file://"+jar {
		t.Errorf("got %q", got)
	}
	// Elsewhere nothing is looked for: the agent would tell what its user may not know.
	outside := filepath.Join(filepath.Dir(home), "outside_1-2.jar")
	if err := os.WriteFile(outside, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{"/../outside.jar", "/../*.jar", "/x/../../outside.jar", "/*.jar"} {
		if got, want := p.inRelease("/usr/lib/spark"+path), home+path; got != want {
			t.Errorf("%s became %q, want %q", path, got, want)
		}
	}
}
