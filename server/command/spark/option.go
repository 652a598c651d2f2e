package spark

import (
	"maps"
	"slices"
	"strings"

	"github.com/headrace/headrace/internal/errs"
	"github.com/headrace/headrace/server/command/words"
)

// propertyOf gives the property that each dedicated option sets.
var propertyOf = map[string]string{
	"--jars":                "spark.jars",
	"--files":               "spark.files",
	"--archives":            "spark.archives",
	"--py-files":            "spark.submit.pyFiles",
	"--packages":            "spark.jars.packages",
	"--repositories":        "spark.jars.repositories",
	"--exclude-packages":    "spark.jars.excludes",
	"--driver-memory":       driverMemory,
	"--driver-cores":        driverCores,
	"--executor-memory":     executorMemory,
	"--executor-cores":      executorCores,
	"--num-executors":       instances,
	"--name":                "spark.app.name",
	"--driver-class-path":   "spark.driver.extraClassPath",
	"--driver-java-options": "spark.driver.extraJavaOptions",
	"--driver-library-path": "spark.driver.extraLibraryPath",
}

// refusedOptions gives the reason why an option of spark-submit is not for users.
var refusedOptions = map[string]string{
	"--master":      "Headrace decides where the run's workers are",
	"--deploy-mode": "Headrace runs the driver as a worker of its own",
	"--remote":      "a run has a driver of its own, not one behind Spark Connect: leave it out",
	"--properties-file": "the file would be read on the server: put its properties into the configuration " +
		"spark-defaults",
	"--total-executor-cores": "it is for Spark's own clusters: set --num-executors and --executor-cores",
	"--supervise":            "it is for Spark's own clusters: give the run a retry policy",
	"--kill":                 "it is for Spark's own clusters: cancel the job run",
	"--status":               "it is for Spark's own clusters: get the job run",
	"--queue":                "it is for YARN: limits and fair shares are the application's",
	"--principal":            "Kerberos is not here",
	"--keytab":               "Kerberos is not here",
	"--proxy-user":           "workers run as the user that the node's agent gives them",
	"--version":              "the release says which Spark it is",
	"--help":                 "nobody would read it",
	"-h":                     "nobody would read it",
}

// parameters has what sparkSubmitParameters say.
type parameters struct {
	mainClass string
	options   map[string]string // properties set by a dedicated option
	conf      map[string]string // properties set by --conf
}

func readParameters(text string) (parameters, error) {
	p := parameters{options: map[string]string{}, conf: map[string]string{}}
	tokens, err := words.Split(parametersField, text)
	for err == nil && len(tokens) > 0 {
		tokens, err = p.read(tokens)
	}
	return p, err
}

// read reads one option and its value, and returns the remaining tokens.
func (p *parameters) read(tokens []string) ([]string, error) {
	option, value, joined := strings.Cut(tokens[0], "=")
	tokens = tokens[1:]
	if !strings.HasPrefix(option, "-") {
		return nil, errs.Field(parametersField,
			"cannot read %q as an option: entry point and arguments have fields of their own; "+
				"put quotes round a value with blanks",
			words.Excerpt(option))
	}
	if reason, refused := refusedOptions[option]; refused {
		return nil, errs.Field(parametersField, "%s cannot be set: %s", option, reason)
	}
	if !known(option) {
		return nil, errs.Field(parametersField, "unknown option %s; allowed are %s", words.Excerpt(option),
			strings.Join(allowed(), " "))
	}
	if option == "--verbose" || option == "-v" {
		return tokens, nil
	}
	if !joined {
		if len(tokens) == 0 || known(tokens[0]) {
			return nil, errs.Field(parametersField, "option %s has no value", option)
		}
		value = tokens[0]
		tokens = tokens[1:]
	}
	return tokens, p.set(option, value)
}

func (p *parameters) set(option, value string) error {
	switch option {
	case "--class":
		p.mainClass = value
	case "--conf", "-c":
		key, setting, found := strings.Cut(value, "=")
		if key = strings.TrimSpace(key); !found || key == "" {
			return errs.Field(parametersField, "--conf needs property=value, not %q", words.Excerpt(value))
		}
		p.conf[key] = setting
	default:
		p.options[propertyOf[option]] = value
	}
	return nil
}

func known(option string) bool {
	switch option {
	case "--class", "--conf", "-c", "--verbose", "-v":
		return true
	}
	return propertyOf[option] != ""
}

// allowed lists every option, in order.
func allowed() []string {
	options := slices.AppendSeq([]string{"--class", "--conf", "-c", "--verbose", "-v"}, maps.Keys(propertyOf))
	slices.Sort(options)
	return options
}
