package deptest

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"google.golang.org/protobuf/reflect/protoreflect"

	specv1 "github.com/headrace/headrace/proto/headrace/spec/v1"
)

// few is which part of a message's fields a file may name: what acts on fields names some of them, a list of them names
// most.
const few = 0.6

// glances are files that choose among the fields on purpose; nobody who wants all of them asks there.
var glances = map[string]string{
	"cmd/headrace/cli/application_show.go": "what people see at a glance; -o yaml has all",
	"cmd/headrace/cli/job_run_show.go":     "what people see at a glance; -o yaml has all",
	"cmd/headrace/cli/job_run_start.go":    "a flag for what people change most; --file takes all",
	"server/control/message/job_run.go":    "a run in a list, without what may be large",
}

var accessor = regexp.MustCompile(`\b(?:Get|Has|Set|Clear)?([A-Z][A-Za-z0-9]*)(?:\(|:)`)

// What users say stands in one place: no file outside it names most fields of an application or a job run, as a
// converter would that loses the next field.
func TestSpec_IsListedNowhereElse(t *testing.T) {
	root := "../.."
	seen := 0
	for _, m := range []protoreflect.ProtoMessage{&specv1.Application{}, &specv1.JobRun{}, &specv1.Monitoring{}} {
		fields := goNames(m.ProtoReflect().Descriptor())
		err := filepath.WalkDir(root, func(path string, entry os.DirEntry, err error) error {
			if err != nil || entry.IsDir() || !listsCode(strings.TrimPrefix(path, root+"/")) {
				return err
			}
			seen++
			if glances[strings.TrimPrefix(path, root+"/")] != "" {
				return nil
			}
			text, err := os.ReadFile(path)
			if err != nil {
				return err
			}
			if n := namedIn(string(text), fields); float64(n) > few*float64(len(fields)) && n > 4 {
				t.Errorf("%s names %d of the %d fields of %s: let the codec walk the descriptor instead",
					path, n, len(fields), m.ProtoReflect().Descriptor().Name())
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if seen < 1000 {
		t.Errorf("only %d files were looked at", seen)
	}
}

// namedIn counts the fields that a file names.
func namedIn(text string, fields map[string]bool) int {
	named := map[string]bool{}
	for _, match := range accessor.FindAllStringSubmatch(text, -1) {
		if fields[match[1]] {
			named[match[1]] = true
		}
	}
	return len(named)
}

// goNames are the fields of a message as Go calls them.
func goNames(m protoreflect.MessageDescriptor) map[string]bool {
	names := map[string]bool{}
	for i := range m.Fields().Len() {
		name := ""
		for word := range strings.SplitSeq(string(m.Fields().Get(i).Name()), "_") {
			name += strings.ToUpper(word[:1]) + word[1:]
		}
		names[name] = true
	}
	return names
}

// listsCode says whether a file is code that is not the schema's own.
func listsCode(path string) bool {
	own := strings.HasPrefix(path, "proto/") || strings.HasPrefix(path, "internal/spec/")
	return strings.HasSuffix(path, ".go") && !strings.HasSuffix(path, "_test.go") && !own &&
		!strings.HasPrefix(path, "build/")
}
