package releases

import "testing"

func TestBefore_TakesLabelsOfTheClustersOwnForNew(t *testing.T) {
	for _, c := range []struct {
		label, version string
		want           bool
	}{
		{"emr-7.0.0", SinceStreaming, true},
		{"emr-7.1.0", SinceStreaming, false},
		{"emr-6.15.0", SinceARM64, false},
		{"emr-6.7.0", SinceARM64, true},
		{"emr-6.7.0", SinceLog4j2, true},
		{"spark-3.2.0", SinceStreaming, false},
		{"emr-6.9.0-ours", SinceStreaming, false},
		{"", SinceStreaming, false},
	} {
		if got := Before(c.label, c.version); got != c.want {
			t.Errorf("Before(%q, %q) = %t", c.label, c.version, got)
		}
	}
}

func TestNeeds_NamesBothReleases(t *testing.T) {
	const want = "release emr-7.0.0 has no retries: that needs emr-7.1.0 or newer"
	if got := Needs("retries", "emr-7.0.0", SinceRetries); got != want {
		t.Error(got)
	}
	if got := Needs("retries", "emr-7.1.0", SinceRetries); got != "" {
		t.Errorf("emr-7.1.0 is told %q", got)
	}
}
