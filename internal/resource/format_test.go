package resource

import (
	"math"
	"testing"
)

func TestParse_RefusesWhatIsNoAmount(t *testing.T) {
	for _, text := range []string{
		"", "nan", "NaN", "inf", "+Inf", "-inf", "0", "-1", "1e7", "1e400", "0.0001",
		"vcpu", "nan vcpu", "9223372036854775807", "4 4",
	} {
		if milli, err := ParseCPU(text); err == nil {
			t.Errorf("%q is %d milli-vCPU", text, milli)
		}
	}
	for _, text := range []string{
		"", "nan", "nang", "inf", "infg", "0", "-1g", "0.0001m", "1e400g", "9223372036854775807t",
		"16 q", "1.5.5g", "g",
	} {
		if mib, err := ParseMiB(text); err == nil {
			t.Errorf("%q is %d MiB", text, mib)
		}
	}
}

func FuzzParse(f *testing.F) {
	for _, seed := range []string{
		"4", "4vCPU", "0.5", "16GB", "512m", "2t",
		"nan", "-0", "1e6", "1e12", "0x1p-1074", "9e18g", "1_000",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if milli, err := ParseCPU(text); err == nil && (milli < 1 || milli > maxCPU*1000) {
			t.Errorf("%q is %d milli-vCPU", text, milli)
		}
		if mib, err := ParseMiB(text); err == nil && (mib < 1 || mib > maxMiB) {
			t.Errorf("%q is %d MiB", text, mib)
		}
	})
}

func TestFormat_WritesAllNumbers(t *testing.T) {
	for mib, want := range map[int64]string{
		512:       "512 MB",
		1024:      "1 GB",
		1536:      "1.5 GB",
		-2048:     "-2 GB",
		1<<50 + 1: "1099511627776 GB",
		0:         "0 MB",
	} {
		if got := FormatMiB(mib); got != want {
			t.Errorf("%d is %q, not %q", mib, got, want)
		}
	}
	for _, extreme := range []int64{math.MaxInt64, math.MinInt64} {
		if got := FormatMiB(extreme); (got[0] == '-') != (extreme < 0) {
			t.Errorf("%d is %q", extreme, got)
		}
	}
}

func TestLimits_NamesWhatIsLimited(t *testing.T) {
	for limit, want := range map[Vector]string{
		{}:                               "",
		{MilliCPU: 500}:                  "0.5 vCPU",
		{MemoryMiB: 2048, DiskMiB: 1024}: "2 GB, 1 GB disk",
	} {
		if got := limit.Limits(); got != want {
			t.Errorf("%+v limits %q, want %q", limit, got, want)
		}
	}
}
