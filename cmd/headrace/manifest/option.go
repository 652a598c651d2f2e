package manifest

import (
	"reflect"
	"strconv"
	"strings"

	"gopkg.in/yaml.v3"

	"github.com/headrace/headrace/internal/errs"
	controlv1 "github.com/headrace/headrace/proto/headrace/control/v1"
)

// option decodes the text of a flag.
func option(flag, text string, into any) error {
	var n yaml.Node
	if err := yaml.Unmarshal([]byte(text), &n); err != nil {
		return errs.Field(flag, "cannot be read as JSON: %s", strings.TrimPrefix(err.Error(), "yaml: "))
	}
	if len(n.Content) != 1 {
		return errs.Field(flag, "cannot be empty")
	}
	d := newDecoder("--" + flag)
	d.value(n.Content[0], reflect.ValueOf(into).Elem(), "", 0)
	return Error(flag, d.problems)
}

// Configurations reads a list of classifications from the text of a flag.
func Configurations(flag, text string) ([]*controlv1.Configuration, error) {
	var list []Configuration
	if err := option(flag, text, &list); err != nil {
		return nil, err
	}
	wrong := map[string]string{}
	repeatedIn(wrong, "", list)
	for _, path := range sortedKeys(wrong) {
		return nil, errs.Field(flag, "%s: %s", path, wrong[path])
	}
	return configurations(list), nil
}

// MonitoringOption reads a monitoringConfiguration from the text of a flag.
func MonitoringOption(flag, text string) (*controlv1.Monitoring, error) {
	m := &Monitoring{}
	err := option(flag, text, m)
	return m.message(), err
}

// MaximumCapacity reads 400vCPU,1024GB,1000GB or the object of the API from the text of a flag.
func MaximumCapacity(flag, text string) (*controlv1.Resources, error) {
	c := &Capacity{}
	if isObject(text) {
		err := option(flag, text, c)
		return c.resources(), err
	}
	parts := strings.Split(text, ",")
	if len(parts) < 2 || len(parts) > 3 {
		return nil, errs.Field(flag, "cannot read %q: give CPU,MEMORY[,DISK] such as 400vCPU,1024GB,1000GB", text)
	}
	for i, into := range []setter{&c.CPU, &c.Memory, &c.Disk}[:len(parts)] {
		if err := into.Set(parts[i]); err != nil {
			return nil, errs.Field(flag, "%w", err)
		}
	}
	return c.resources(), nil
}

// InitialCapacityOption reads TYPE=COUNT:CPU,MEMORY[,DISK[,DISKTYPE]] or the object of the API from the texts of a flag.
func InitialCapacityOption(flag string, texts []string) ([]*controlv1.InitialCapacity, error) {
	all := map[string]InitialCapacity{}
	for _, text := range texts {
		some := map[string]InitialCapacity{}
		var err error
		if isObject(text) {
			err = option(flag, text, &some)
		} else {
			err = shortCapacity(flag, text, some)
		}
		if err != nil {
			return nil, err
		}
		for name, entry := range some {
			if _, twice := all[workerType(name)]; twice {
				return nil, errs.Field(flag, "cannot give workers of the type %s twice", workerType(name))
			}
			all[workerType(name)] = entry
		}
	}
	return initialCapacity(all), nil
}

// shortCapacity reads one entry in its short form.
func shortCapacity(flag, text string, into map[string]InitialCapacity) error {
	bad := errs.Field(flag, "cannot read %q: give TYPE=COUNT:CPU,MEMORY[,DISK[,DISKTYPE]] such as DRIVER=2:4vCPU,16GB,20GB", text)
	name, rest, found := strings.Cut(text, "=")
	number, sizes, colon := strings.Cut(rest, ":")
	parts := strings.Split(sizes, ",")
	count, err := strconv.ParseInt(strings.TrimSpace(number), 10, 64)
	if !found || !colon || name == "" || err != nil || len(parts) < 2 || len(parts) > 4 {
		return bad
	}
	size := &WorkerSize{}
	for i, amount := range []setter{&size.CPU, &size.Memory, &size.Disk}[:min(len(parts), 3)] {
		if err := amount.Set(parts[i]); err != nil {
			return errs.Field(flag, "%s: %w", name, err)
		}
	}
	if len(parts) == 4 {
		size.DiskType = strings.ToUpper(strings.TrimSpace(parts[3]))
	}
	into[strings.TrimSpace(name)] = InitialCapacity{WorkerCount: count, WorkerConfiguration: size}
	return nil
}

// isObject says whether a text is JSON.
func isObject(text string) bool { return strings.HasPrefix(strings.TrimSpace(text), "{") }
