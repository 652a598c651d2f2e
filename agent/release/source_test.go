package release

import (
	"encoding/hex"
	"strings"
	"testing"

	"github.com/headrace/headrace/internal/releases"
)

func TestFetchable_IsEveryLabelWhoseSparkTheRegistryCarries(t *testing.T) {
	want := "emr-7.2.0 emr-7.1.0 emr-7.0.0 emr-6.15.0 emr-6.14.0 emr-6.13.0 emr-6.12.0 emr-6.11.0 emr-6.10.0 " +
		"emr-6.9.0 emr-6.8.0"
	if got := strings.Join(Fetchable(), " "); got != want {
		t.Errorf("%s can be fetched, want %s", got, want)
	}
}

func TestPinned_IsTheSparkOfTheTable(t *testing.T) {
	digests := map[string]string{}
	for _, label := range Fetchable() {
		from, _ := pinned(label)
		known, _ := releases.Lookup(label)
		if from.spark.version != known.Spark || from.spark.file != "pyspark-"+known.Spark+".tar.gz" ||
			from.spark.size < 200e6 {
			t.Errorf("%s is made from %+v", label, from.spark)
		}
		if digest, err := hex.DecodeString(from.spark.sha256); err != nil || len(digest) != 32 {
			t.Errorf("%s has the SHA-256 %q", label, from.spark.sha256)
		}
		if other, seen := digests[from.spark.sha256]; seen && other != known.Spark {
			t.Errorf("Spark %s and %s have one SHA-256", other, known.Spark)
		}
		digests[from.spark.sha256] = known.Spark
	}
}

func TestFetch_SaysWhatCanBeFetchedAndHowToBringAnother(t *testing.T) {
	for _, label := range []string{"emr-6.7.0", "spark-4.0.0"} {
		_, err := Fetch(t.Context(), FetchOptions{Label: label, Root: t.TempDir()})
		if err == nil || !strings.Contains(err.Error(), "emr-7.2.0, emr-7.1.0") ||
			!strings.Contains(err.Error(), "headrace release add") {
			t.Errorf("%s: %v", label, err)
		}
	}
}
