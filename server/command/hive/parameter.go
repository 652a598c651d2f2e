package hive

import (
	"strings"

	"github.com/headrace/headrace/internal/errs"
	"github.com/headrace/headrace/server/command/execve"
	"github.com/headrace/headrace/server/command/words"
)

// parameters is what the submission's parameters say.
type parameters struct {
	conf map[string]string // by --hiveconf
	vars map[string]string // by --hivevar
}

// readParameters reads all options. Its errors give the number of the wrong word and not the word, which may be a part
// of a password.
func readParameters(text string) (parameters, error) {
	p := parameters{conf: map[string]string{}, vars: map[string]string{}}
	tokens, err := words.Split(parametersField, text)
	for at, token := range tokens {
		if err := execve.Argument(token); err != nil {
			return p, errs.Field(parametersField, "word %d: %w", at+1, err)
		}
	}
	for at := 0; err == nil && at < len(tokens); {
		at, err = p.read(tokens, at)
	}
	return p, err
}

// read reads the option at an index of tokens, and returns the index after the option and its value.
func (p *parameters) read(tokens []string, at int) (next int, err error) {
	option, value, joined := strings.Cut(tokens[at], "=")
	into := p.of(option)
	if into == nil {
		return 0, errs.Field(parametersField,
			"cannot read word %d: allowed are --hiveconf property=value and --hivevar name=value; "+
				"put quotes round a value with blanks",
			at+1)
	}
	next = at + 1
	if !joined {
		if next == len(tokens) || p.of(tokens[next]) != nil {
			return 0, errs.Field(parametersField, "option %s (word %d) has no value", option, at+1)
		}
		value = tokens[next]
		next = next + 1
	}
	key, setting, found := strings.Cut(value, "=")
	if key = strings.TrimSpace(key); !found || key == "" {
		return 0, errs.Field(parametersField, "option %s (word %d) needs name=value", option, at+1)
	}
	into[key] = setting
	return next, nil
}

// of returns what an option sets; nil if there is no such option.
func (p *parameters) of(option string) map[string]string {
	switch option {
	case "--hiveconf":
		return p.conf
	case "--hivevar":
		return p.vars
	}
	return nil
}
