package manifest

import (
	"maps"
	"slices"
	"strings"

	"github.com/headrace/headrace/cmd/headrace/output"
	"github.com/headrace/headrace/internal/spec/codec"
	specv1 "github.com/headrace/headrace/proto/headrace/spec/v1"
)

// Keep replaces every output.Hidden by the value that the cluster has. It returns the paths at which the cluster has
// none.
func (d *ApplicationDocument) Keep(current *specv1.Application) (missing []string) {
	have := map[string]string{}
	properties(current.GetRuntimeConfiguration(), func(path, key string, in map[string]string) { have[path] = in[key] })
	properties(d.Spec.GetRuntimeConfiguration(), func(path, key string, in map[string]string) {
		if !strings.Contains(in[key], output.Hidden) {
			return
		}
		kept, found := have[path]
		if !found || output.HideValue(key, kept) != in[key] {
			missing = append(missing, path)
		}
		in[key] = kept
	})
	return missing
}

// Missing returns the paths at which a value is hidden. A document starts a new run, so there is no run to take the
// value from.
func (d *JobRunDocument) Missing() (paths []string) {
	for _, l := range codec.Leaves(d.Spec) {
		if strings.Contains(l.Text, output.Hidden) {
			paths = append(paths, l.Path)
		}
	}
	return paths
}

// properties calls each for every property of an application's settings, by its path and in the map that it is in.
func properties(list []*specv1.Configuration, each func(path, key string, in map[string]string)) {
	propertiesBelow("runtimeConfiguration", list, each)
}

func propertiesBelow(at string, list []*specv1.Configuration, each func(path, key string, in map[string]string)) {
	for _, c := range list {
		path := at + "[" + c.GetClassification() + "]"
		for _, key := range slices.Sorted(maps.Keys(c.GetProperties())) {
			each(path+".properties["+key+"]", key, c.GetProperties())
		}
		propertiesBelow(path+".configurations", c.GetConfigurations(), each)
	}
}
