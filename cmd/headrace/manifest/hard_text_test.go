package manifest

import (
	"fmt"
	"strings"
	"testing"

	"github.com/headrace/headrace/internal/printable"
	"github.com/headrace/headrace/internal/spec"
	controlv1 "github.com/headrace/headrace/proto/headrace/control/v1"
	specv1 "github.com/headrace/headrace/proto/headrace/spec/v1"
)

// hardTexts are texts that YAML takes for something else unless they are written with care.
var hardTexts = []string{
	// numbers
	"007", "1e3", "1E3", "+1", "-0", "0x1F", "0o17", "0b1", "1_000", ".5", "5.", "1:30", ".inf", ".nan",
	"12345678901234567890",
	// switches, nothing, dates
	"true", "True", "FALSE", "yes", "No", "on", "OFF", "y", "N", "null", "NULL", "~", "", " ", "2026-03-14",
	"2026-03-14T15:00:00Z",
	// signs that mean something
	"a: b", "a:", ": a", "a #b", "# a", "- a", "-", "? a", "!a", "&a", "*a", "%a", "@a", "`a", "|", ">", "{a", "[a",
	"a]", "a,b",
	"<<", "=", "---", "...", "--- a", `"a"`, "'a'", `a"b`, "a'b", `a\b`, `\n`, `C:\x`, "file:///a b", "${a}", "(hid)",
	// blanks, tabs and ends of lines
	" a", "a ", "a\tb", "\ta", "a\t", "\t", "a\nb", "a\n", "\na", "\n", "a\n\n", "\n\n", " a\n  b\n", "a\n b\n\n\nc",
	"a \nb", "\n a", "  \n",
	"a\r\nb", "a\rb", "\r", "a\n\tb", "\ta\nb", "# a\n# b", "- a\n- b", "a: b\nc: d\n", "---\na", "a\n...\nb",
	strings.Repeat("word ", 60),
	// characters of other scripts, and those that act on a terminal
	"😀", "a😀b\nc", "é", "日本語", "e\u0301", "a\u00a0b", "a\u2028b", "a\u2029\nb", "a\u0085b", "\ufeffa", "a\ufeff\nb",
	"\u202eabc", "\u200d",
	"\x1b[31m", "a\x7fb", "\a", "\u009b1m\nx", "\ufffd", "\U000e0001", "\U0010ffff", "\x01",
}

// Whatever text a property has, or its key, is the same in a file that was written and read, and applied is no change.
func TestApplication_HardTextsComeBack(t *testing.T) {
	for _, text := range hardTexts {
		t.Run(fmt.Sprintf("%.40q", text), func(t *testing.T) {
			properties := map[string]string{"spark.value": text, "spark.other": "x"}
			if printable.Check(text) == "" && strings.TrimSpace(text) != "" { // else no key may be so
				properties[text] = "key"
			}
			said := specv1.Application_builder{
				Name:         new("reports"),
				Engine:       specv1.Engine_ENGINE_SPARK.Enum(),
				ReleaseLabel: new("emr-7.2.0"),
				RuntimeConfiguration: []*specv1.Configuration{specv1.Configuration_builder{
					Classification: new("spark-defaults"),
					Properties:     properties,
				}.Build()},
			}.Build()
			a := &controlv1.Application{Spec: spec.DefaultApplication(said)}
			written, err := Write(ApplicationOf(a))
			if err != nil {
				t.Fatal(err)
			}
			set := &Set{}
			if problems := set.Read("written.yaml", written); len(problems) > 0 {
				t.Fatalf("%v in\n%s", problems, written)
			}
			d := set.Applications[0]
			same(t, d.Create().GetSpec(), a.GetSpec())
			if changes := d.Compare(a.GetSpec()); len(changes) > 0 {
				t.Errorf("changes %v in\n%s", changes, written)
			}
		})
	}
}

// The same for arguments, variables and tags of a job run.
func TestJobRun_HardTextsComeBack(t *testing.T) {
	for _, text := range hardTexts {
		t.Run(fmt.Sprintf("%.40q", text), func(t *testing.T) {
			said := specv1.JobRun_builder{
				Name: new("nightly"),
				Driver: specv1.JobDriver_builder{Process: specv1.Process_builder{
					Command:     []string{"/bin/echo", text, "x"},
					Environment: map[string]string{"A": text, "B": "x"},
				}.Build()}.Build(),
				Tags: map[string]string{"a": text},
			}.Build()
			written, err := Write(JobRunOf(&controlv1.JobRun{ApplicationId: "01app", Spec: said}))
			if err != nil {
				t.Fatal(err)
			}
			set := &Set{}
			problems := set.Read("written.yaml", written)
			for _, p := range problems {
				if p.Path != "spec.tags" { // rules of tags refuse some of these
					t.Errorf("%v in\n%s", p, written)
				}
			}
			same(t, set.JobRuns[0].whole(), said)
		})
	}
}
