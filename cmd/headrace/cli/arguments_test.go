package cli

import (
	"strings"
	"testing"
)

// Cobra said "accepts 2 arg(s), received 1".
func TestD4_MissingWordsAreNamed(t *testing.T) {
	for args, want := range map[string]string{
		"application get":        "APPLICATION is missing\nUsage: headrace application get APPLICATION",
		"job-run get":            "JOB_RUN is missing\nUsage: headrace job-run get [APPLICATION] JOB_RUN",
		"job-run clone":          "JOB_RUN is missing",
		"job-run start":          "APPLICATION is missing",
		"tag add":                "APPLICATION and KEY=VALUE are missing",
		"tag add a":              "KEY=VALUE is missing",
		"worker get":             "WORKER is missing",
		"node approve":           "NODE is missing",
		"job-run get a b c":      `"c" is too much`,
		"application list a":     `"a" is too much`,
		"job-run starts":         `there is no command "starts": is "start" meant?`,
		"job-run lst":            `there is no command "lst": is "list" meant?`,
		"job-run starts --nme x": `there is no command "starts": is "start" meant?`,
		"job-run lst -x":         `there is no command "lst": is "list" meant?`,
		"job-run --nme":          "unknown flag: --nme",
		"job-run list --nme x":   "unknown flag: --nme",
		"application something":  `there is no command "something": there are clone, create, delete, get, list`,
	} {
		r := command(t.Context(), "127.0.0.1:1", strings.Fields(args)...)
		if ExitCode(r.failed) != ExitRefused || !strings.Contains(r.failed.Error(), want) {
			t.Errorf("%s: %v; expected %q", args, r.failed, want)
		}
	}
}

// Help says what may stand in the place of a word.
func TestD4_HelpSaysWhatItsWordsAre(t *testing.T) {
	for args, want := range map[string]string{
		"job-run start":     applicationWords,
		"application get":   applicationWords,
		"export":            applicationWords,
		"job-run get":       jobRunWords,
		"worker list":       jobRunWords,
		"tag add":           resourceWords,
		"node forget":       nodeWords,
		"worker get":        workerWords,
		"access-key revoke": accessKeyWords,
	} {
		r := command(t.Context(), "127.0.0.1:1", append(strings.Fields(args), "--help")...)
		if r.failed != nil || !strings.Contains(r.out.String(), want) {
			t.Errorf("the help of %s lacks %q:\n%s", args, want, r.out.String())
		}
	}
}
