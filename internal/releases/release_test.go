package releases

import "testing"

func TestLookup_KnowsEveryLabelOnce(t *testing.T) {
	seen := map[string]bool{}
	for i, r := range All() {
		if seen[r.Label] {
			t.Errorf("label %s is there twice", r.Label)
		}
		seen[r.Label] = true
		if got, ok := Lookup(r.Label); !ok || got.Spark != r.Spark {
			t.Errorf("Lookup(%s) = %v, %v", r.Label, got, ok)
		}
		if i > 0 && AtLeast(r.Label, All()[i-1].Label[len(prefix):]) {
			t.Errorf("%s is not older than the one before it", r.Label)
		}
	}
	if _, ok := Lookup("emr-7.2"); ok || len(seen) != 13 {
		t.Errorf("13 labels expected and no other, have %d", len(seen))
	}
}

func TestAtLeast_ComparesNumbersNotText(t *testing.T) {
	for _, c := range []struct {
		label, version string
		want           bool
	}{
		{"emr-7.2.0", "7.1.0", true},
		{"emr-7.1.0", "7.1.0", true},
		{"emr-7.0.0", "7.1.0", false},
		{"emr-6.10.0", "6.9.0", true},
		{"emr-6.9.0", "6.10.0", false},
		{"spark-3.5.1", "0.0.0", false},
		{"", "1.0.0", false},
	} {
		if got := AtLeast(c.label, c.version); got != c.want {
			t.Errorf("AtLeast(%q, %q) = %v", c.label, c.version, got)
		}
	}
}

func TestRelease_SaysWhatItsSparkCanUse(t *testing.T) {
	newest, _ := Lookup("emr-7.2.0")
	oldest, _ := Lookup("emr-6.6.0")
	if !newest.CanUseJava(17) || newest.CanUseJava(21) || oldest.CanUseJava(17) || !oldest.CanUseJava(11) {
		t.Error("wrong Java versions")
	}
	if old, _ := Lookup("emr-6.11.0"); !newest.LogsToStderr() || old.LogsToStderr() {
		t.Error("wrong streams of logs")
	}
	if !newest.CanUsePython("3.11.7") || newest.CanUsePython("3.13.0") || newest.CanUsePython("3.7.9") ||
		oldest.CanUsePython("3.10.1") {
		t.Error("wrong Python versions")
	}
}
