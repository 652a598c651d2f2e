package config

import (
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/spf13/pflag"
)

// keys returns the names of all settings of a struct, inner ones joined with a dash, as flags have them.
func keys(of reflect.Type, prefix string) []string {
	var all []string
	for i := range of.NumField() {
		if of.Field(i).Anonymous {
			all = append(all, keys(of.Field(i).Type, prefix)...)
			continue
		}
		name, _, _ := strings.Cut(of.Field(i).Tag.Get("yaml"), ",")
		name = prefix + strings.ReplaceAll(name, "_", "-")
		if inner := of.Field(i).Type; inner.Kind() == reflect.Struct {
			all = append(all, keys(inner, name+"-")...)
			continue
		}
		all = append(all, name)
	}
	slices.Sort(all)
	return all
}

func TestBind_EverySettingHasOneNameInAllSpellings(t *testing.T) {
	server := DefaultServer()
	agent := DefaultAgent()
	for _, c := range []struct {
		settings Settings
		of       reflect.Type
	}{{&server, reflect.TypeOf(server)}, {&agent, reflect.TypeOf(agent)}} {
		flags := pflag.NewFlagSet("", pflag.ContinueOnError)
		c.settings.Bind(flags)
		var bound []string
		flags.VisitAll(func(f *pflag.Flag) { bound = append(bound, f.Name) })
		slices.Sort(bound)
		if want := keys(c.of, ""); !slices.Equal(bound, want) {
			t.Errorf("flags of %s are\n%v, its settings\n%v", c.of, bound, want)
		}
	}
}

func TestLoad_TheFilesThatWeShip(t *testing.T) {
	server := DefaultServer()
	agent := DefaultAgent()
	for name, settings := range map[string]Settings{"server.yaml": &server, "agent.yaml": &agent} {
		path := filepath.Join("..", "..", "..", "deploy", "config", name)
		if _, err := os.Stat(path); err != nil {
			t.Fatal(err)
		}
		from := Source{
			Path:     path,
			Required: true,
			Given:    pflag.NewFlagSet("", pflag.ContinueOnError),
			Lookup:   func(string) (string, bool) { return "", false },
		}
		if err := Load(settings, from); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}
