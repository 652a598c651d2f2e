package config

import (
	"bytes"
	"errors"
	"io"
	"io/fs"
	"os"
	"regexp"
	"strings"

	"github.com/spf13/pflag"
	"go.yaml.in/yaml/v3"

	"github.com/headrace/headrace/internal/errs"
)

// Settings is a configuration that flags can be bound to.
type Settings interface {
	// Bind adds a flag for each setting, with the setting's present value as its default.
	Bind(flags *pflag.FlagSet)
	// Validate returns an Invalid error that names the setting that is wrong.
	Validate() error
}

// Source is where settings come from: a file, variables and flags.
type Source struct {
	// Path is the file; it may be missing unless Required is set.
	Path     string
	Required bool
	// Lookup finds a variable of the environment.
	Lookup func(name string) (string, bool)
	// Given are the flags of the command line, parsed.
	Given *pflag.FlagSet
}

// Load fills settings, which hold the defaults, and validates them.
func Load(s Settings, from Source) error {
	if err := readFile(s, from.Path, from.Required); err != nil {
		return err
	}
	flags := pflag.NewFlagSet("", pflag.ContinueOnError)
	s.Bind(flags)
	if err := fromVariables(flags, from.Lookup); err != nil {
		return err
	}
	if err := fromFlags(flags, from.Given); err != nil {
		return err
	}
	return s.Validate()
}

// readFile reads the file over the defaults.
func readFile(s Settings, path string, required bool) error {
	content, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) && !required {
		return nil
	}
	if err != nil {
		return errs.Field("config", "cannot read the configuration: %w", err)
	}
	return decode(s, path, content)
}

func decode(s Settings, path string, content []byte) error {
	decoder := yaml.NewDecoder(bytes.NewReader(content))
	decoder.KnownFields(true)
	err := decoder.Decode(s)
	var wrong *yaml.TypeError
	switch {
	case err == nil || errors.Is(err, io.EOF): // an empty file is a file without settings
		return nil
	case errors.As(err, &wrong):
		return errs.Field("config", "cannot read %s: %s", path, explain(wrong.Errors))
	}
	return errs.Field("config", "cannot read %s: %w", path, err)
}

// unknownKey is how the YAML library says that a key is not known; it names our type, which is not a user's business.
var unknownKey = regexp.MustCompile(`field (\S+) not found in type \S+`)

func explain(wrong []string) string {
	return unknownKey.ReplaceAllString(strings.Join(wrong, "; "), `there is no setting "$1"`)
}

// fromVariables sets what variables say.
func fromVariables(flags *pflag.FlagSet, lookup func(string) (string, bool)) error {
	var failed error
	flags.VisitAll(func(f *pflag.Flag) {
		value, found := lookup(Variable(f.Name))
		if !found || failed != nil {
			return
		}
		if err := flags.Set(f.Name, value); err != nil {
			failed = errs.Field(Variable(f.Name), "cannot be %q: %w", value, err)
		}
	})
	return failed
}

// Variable returns the name of a flag's variable.
func Variable(flag string) string {
	return "HEADRACE_" + strings.ToUpper(strings.ReplaceAll(flag, "-", "_"))
}

// fromFlags sets what flags say that were given.
func fromFlags(flags, given *pflag.FlagSet) error {
	var failed error
	given.Visit(func(f *pflag.Flag) {
		to := flags.Lookup(f.Name)
		if to == nil || failed != nil {
			return
		}
		if list, ok := f.Value.(pflag.SliceValue); ok {
			failed = to.Value.(pflag.SliceValue).Replace(list.GetSlice())
			return
		}
		failed = to.Value.Set(f.Value.String())
	})
	return failed
}
