package config

import (
	"maps"
	"strings"
	"testing"

	"github.com/spf13/pflag"
)

func TestLabels_OfFlagsReplaceThoseOfTheFile(t *testing.T) {
	load := func(file string, flags ...string) (Agent, error) {
		from := source(t, file, nil)
		bound := DefaultAgent()
		from.Given = pflag.NewFlagSet("", pflag.ContinueOnError)
		bound.Bind(from.Given)
		if err := from.Given.Parse(flags); err != nil {
			return bound, err
		}
		a := DefaultAgent()
		return a, Load(&a, from)
	}
	const file = "zone: a\nlabels: {disk: nvme, cores: 16, ssd: true}\n"
	a, err := load(file)
	if want := (Labels{"disk": "nvme", "cores": "16", "ssd": "true"}); err != nil || !maps.Equal(a.Labels, want) {
		t.Errorf("the file says %v, %v", a.Labels, err)
	}
	a, err = load(file, "--labels", "rack=r1,disk=hdd")
	if want := (Labels{"rack": "r1", "disk": "hdd"}); err != nil || !maps.Equal(a.Labels, want) {
		t.Errorf("the flag says %v, %v", a.Labels, err)
	}
	if !maps.Equal(a.Config().Labels, a.Labels) {
		t.Errorf("the agent gets %v", a.Config().Labels)
	}
	for text, want := range map[string]string{
		"zone: a\nlabels: {zone: b}\n":     "labels: the key \"zone\" is one that every node has",
		"zone: a\nlabels: {disk: 'a b'}\n": "labels: the value",
	} {
		if _, err := load(text); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q gives %v, not %q", text, err, want)
		}
	}
	if _, err := load("zone: a\n", "--labels", "disk"); err == nil || !strings.Contains(err.Error(), "is not KEY=VALUE") {
		t.Errorf("a flag without a value gives %v", err)
	}
}
