package manifest

import (
	"strconv"
	"strings"

	"google.golang.org/protobuf/proto"

	"github.com/headrace/headrace/internal/errs"
	"github.com/headrace/headrace/internal/spec/codec"
	specv1 "github.com/headrace/headrace/proto/headrace/spec/v1"
)

// option sets a field of a message to what the text of a flag says.
func option(flag, text, field string, into proto.Message) error {
	tree, problems := (&codec.YAML{}).Document([]byte(text))
	if len(problems) == 0 && strings.TrimSpace(text) == "" {
		return errs.Field("--"+flag, "cannot be empty")
	}
	if len(problems) == 0 {
		problems = codec.File.Decode(with(field, tree), into)
	}
	var told []Problem
	for _, p := range problems {
		p.Path = strings.TrimPrefix(strings.TrimPrefix(p.Path, field), ".")
		told = append(told, Problem{Source: "--" + flag, Problem: p})
	}
	return Error("--"+flag, told)
}

// with returns an object with one member.
func with(name string, value *codec.Node) *codec.Node {
	return &codec.Node{Kind: codec.Object, Members: []codec.Member{{Name: name, Value: value}}}
}

// Configurations reads a list of classifications from the text of a flag.
func Configurations(flag, text string) ([]*specv1.Configuration, error) {
	a := &specv1.Application{}
	err := option(flag, text, "runtimeConfiguration", a)
	return a.GetRuntimeConfiguration(), err
}

// MonitoringOption reads a monitoringConfiguration from the text of a flag.
func MonitoringOption(flag, text string) (*specv1.Monitoring, error) {
	a := &specv1.Application{}
	err := option(flag, text, "monitoringConfiguration", a)
	return a.GetMonitoring(), err
}

// MaximumCapacity reads 400vCPU,1024GB,1000GB or the object of the API from the text of a flag.
func MaximumCapacity(flag, text string) (*specv1.MaximumCapacity, error) {
	a := &specv1.Application{}
	if isObject(text) {
		err := option(flag, text, "maximumCapacity", a)
		return a.GetMaximumCapacity(), err
	}
	parts := strings.Split(text, ",")
	if len(parts) < 2 || len(parts) > 3 {
		return nil, errs.Field("--"+flag, "cannot read %q: give CPU,MEMORY[,DISK] such as 400vCPU,1024GB,1000GB", text)
	}
	m := &specv1.MaximumCapacity{}
	if problems := codec.File.Decode(listed(parts, "cpu", "memory", "disk"), m); len(problems) > 0 {
		return nil, errs.Field("--"+flag, "%s", problems[0].Text)
	}
	return m, nil
}

// listed returns an object of texts that were written one after another, without their names.
func listed(texts []string, names ...string) *codec.Node {
	n := &codec.Node{Kind: codec.Object}
	for i, text := range texts {
		n.Members = append(n.Members, codec.Member{Name: names[i], Value: &codec.Node{Kind: codec.Text, Text: text}})
	}
	return n
}

// InitialCapacityOption reads TYPE=COUNT:CPU,MEMORY[,DISK[,DISKTYPE]] or the object of the API from the texts of a
// flag.
func InitialCapacityOption(flag string, texts []string) (map[string]*specv1.InitialCapacity, error) {
	all := map[string]*specv1.InitialCapacity{}
	seen := map[string]bool{}
	plain := strings.NewReplacer("_", "", "-", "") // a type has several names
	for _, text := range texts {
		some, err := capacity(flag, text)
		if err != nil {
			return nil, err
		}
		for name, entry := range some {
			word := plain.Replace(strings.ToUpper(name))
			if seen[word] {
				return nil, errs.Field("--"+flag, "cannot give workers of the type %s twice", word)
			}
			all[name] = entry
			seen[word] = true
		}
	}
	return all, nil
}

// capacity reads one text.
func capacity(flag, text string) (map[string]*specv1.InitialCapacity, error) {
	if !isObject(text) {
		return shortCapacity(flag, text)
	}
	a := &specv1.Application{}
	err := option(flag, text, "initialCapacity", a)
	return a.GetInitialCapacity(), err
}

// shortCapacity reads one entry in its short form.
func shortCapacity(flag, text string) (map[string]*specv1.InitialCapacity, error) {
	name, rest, _ := strings.Cut(text, "=")
	number, sizes, _ := strings.Cut(rest, ":")
	name = strings.TrimSpace(name)
	count, err := strconv.ParseInt(strings.TrimSpace(number), 10, 64)
	parts := strings.Split(sizes, ",") // there is one even if there is no colon
	if name == "" || err != nil || len(parts) < 2 || len(parts) > 4 {
		const form = "TYPE=COUNT:CPU,MEMORY[,DISK[,DISKTYPE]] such as DRIVER=2:4vCPU,16GB,20GB"
		return nil, errs.Field("--"+flag, "cannot read %q: give "+form, text)
	}
	size := &specv1.WorkerSize{}
	if problems := codec.File.Decode(listed(parts, "cpu", "memory", "disk", "diskType"), size); len(problems) > 0 {
		return nil, errs.Field("--"+flag, "%s: %s", name, problems[0].Text)
	}
	entry := specv1.InitialCapacity_builder{WorkerCount: &count, WorkerSize: size}.Build()
	return map[string]*specv1.InitialCapacity{name: entry}, nil
}

// isObject says whether a text is JSON.
func isObject(text string) bool { return strings.HasPrefix(strings.TrimSpace(text), "{") }
