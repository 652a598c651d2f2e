package spark

import (
	"maps"
	"math"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/headrace/headrace/internal/errs"
)

func TestTokens_ReadsLikeAShell(t *testing.T) {
	for text, want := range map[string][]string{
		"":                              nil,
		" \t\n ":                        nil,
		"a b\tc\nd\r\ne":                {"a", "b", "c", "d", "e"},
		`'a b' "c d"`:                   {"a b", "c d"},
		`a'b c'd"e f"`:                  {"ab cde f"},
		`'' ""`:                         {"", ""},
		`a\ b \'c\" \\`:                 {"a b", `'c"`, `\`},
		`"a\"b\\c\d\$e"`:                {`a"b\c\d$e`},
		`'a\"b'`:                        {`a\"b`},
		"a \\\n b\\\nc \\\r\n d":        {"a", "bc", "d"},
		"'a\nb' \"c\nd\" \"e\\\nf\"":    {"a\nb", "c\nd", "ef"},
		`$HOME *.jar ~ #no`:             {"$HOME", "*.jar", "~", "#no"},
		"--conf spark.x='{\"a\": [1]}'": {"--conf", `spark.x={"a": [1]}`},
		"größe 'ü ß'":                   {"größe", "ü ß"},
	} {
		got, err := tokens(text)
		if err != nil || !slices.Equal(got, want) {
			t.Errorf("%q: got %q, %v, want %q", text, got, err, want)
		}
	}
}

// quote writes a token so that a shell reads it back.
func quote(token string) string { return "'" + strings.ReplaceAll(token, "'", `'\''`) + "'" }

// FuzzTokens: what was read, written in quotes and read again, is the same; a refusal is an invalid field.
func FuzzTokens(f *testing.F) {
	for _, seed := range []string{`a 'b c' "d\"e" \f`, `'`, `"`, `\`, "a\\\nb", "'\x00\xff'"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		read, err := tokens(text)
		if err != nil {
			if !errs.Is(err, errs.Invalid) || utf8.ValidString(text) && !utf8.ValidString(err.Error()) {
				t.Fatalf("%q: %v", text, err)
			}
			return
		}
		quoted := make([]string, len(read))
		for i, token := range read {
			quoted[i] = quote(token)
		}
		again, err := tokens(strings.Join(quoted, " "))
		if err != nil || !slices.Equal(again, read) {
			t.Fatalf("%q reads as %q, and that again as %q, %v", text, read, again, err)
		}
	})
}

// FuzzResolve: whatever is submitted gives settings that hold together, and these, submitted as a run's configuration, mean the
// same again; or it is refused as invalid.
func FuzzResolve(f *testing.F) {
	f.Add("--executor-memory 4g --conf spark.emr-serverless.executor.disk=50G", "spark.dynamicAllocation.minExecutors", "2", "emr-7.2.0")
	f.Add("--num-executors 5 --conf spark.dynamicAllocation.enabled=false", "spark.memory.offHeap.size", "1g", "emr-6.9.0")
	f.Add("--conf spark.executorEnv.A=b -c spark.headrace.driverEnv.A=c", "spark.authenticate", "false", "")
	f.Fuzz(func(t *testing.T, parameters, key, value, label string) {
		in := Input{ReleaseLabel: label, RunDefaults: map[string]string{key: value}, Parameters: parameters, EntryPoint: "job.py"}
		s, err := Resolve(in)
		if err != nil {
			if !errs.Is(err, errs.Invalid) {
				t.Fatalf("refused as %s: %v", errs.KindOf(err), err)
			}
			return
		}
		checkSettings(t, &s)
		again, err := Resolve(Input{ReleaseLabel: label, RunDefaults: s.Properties, EntryPoint: "job.py"})
		if err != nil || !maps.Equal(again.Properties, s.Properties) || again.Driver != s.Driver || again.Executor != s.Executor ||
			again.Initial != s.Initial || again.Minimum != s.Minimum || again.Maximum != s.Maximum {
			t.Fatalf("%+v\nmeans something else the second time, %v:\n%+v", s, err, again)
		}
	})
}

func checkSettings(t *testing.T, s *Settings) {
	t.Helper()
	if s.Minimum > s.Initial || s.Initial > s.Maximum || s.Maximum == 0 || s.BatchSize == 0 || s.Maximum != math.MaxUint32 && s.Maximum > maxCount {
		t.Fatalf("numbers do not hold together: %+v", s)
	}
	if s.DriverHeapMiB <= 0 || s.DriverHeapMiB > s.Driver.MemoryMiB || s.ExecutorHeapMiB <= 0 || s.ExecutorHeapMiB > s.Executor.MemoryMiB {
		t.Fatalf("heap and memory do not hold together: %+v", s)
	}
}
