package launch

import (
	"encoding/base64"
	"encoding/hex"
	"regexp"
	"strings"

	"github.com/headrace/headrace/internal/mask"
)

// redacted stands where something was that looks like a secret.
const redacted = mask.Text

// secretWords are what names of secrets have in them: Spark's own default, and some more.
const secretWords = `(?i:secret|password|passwd|token|access[._-]?key|credential|passphrase|private.?key)`

// What is looked for in text. Rather too much is replaced than too little.
var (
	secretName = regexp.MustCompile(secretWords)
	// secretPair is a name and its value within text, such as k=v, k: v and "k": "v".
	secretPair = regexp.MustCompile(`([\w.\-]*` + secretWords + `[\w.\-]*)(["']?\s*=\s*|["']?\s*:\s+|["']\s*:\s*)` +
		`("(?:[^"\\]|\\.)*(?:"|$)|'[^']*(?:'|$)|\S+)`)
	// secretFlag is a flag and its value within text, such as --password v.
	secretFlag = regexp.MustCompile(`((?:^|\s)--?[\w.\-]*` + secretWords + `[\w.\-]*\s+)([^\s-]\S*)`)
	// urlPassword is the beginning of a URL with user and password.
	urlPassword = regexp.MustCompile(`(://[^\s/?#:@]*):[^\s/?#]*@`)
	// xmlSetting is a setting of a Hadoop configuration file.
	xmlSetting = regexp.MustCompile(`(?s)(<name>[^<]*` + secretWords + `[^<]*</name>\s*<value>)[^<]*`)
	// property is a line of a properties file: name, separator and value.
	property = regexp.MustCompile(`^(\s*(?:[^\\\s=:]|\\.)+)(\s*[=:]\s*|\s+)(.*)$`)
)

// secretReference is how users refer to secrets that a store keeps.
const secretReference = "EMR.secret@"

// redaction replaces what looks like a secret in what the agent tells of a worker, and what is known to be one.
type redaction struct {
	known *strings.Replacer
}

// newRedaction returns a redaction that also replaces an attempt's own secret, however it is written.
func newRedaction(secret []byte) redaction {
	if len(secret) == 0 {
		return redaction{known: strings.NewReplacer()}
	}
	written := []string{
		hex.EncodeToString(secret),
		strings.ToUpper(hex.EncodeToString(secret)),
		string(secret),
		base64.StdEncoding.EncodeToString(secret),
		base64.URLEncoding.EncodeToString(secret),
		base64.RawStdEncoding.EncodeToString(secret),
		base64.RawURLEncoding.EncodeToString(secret),
	}
	var pairs []string
	for _, form := range written {
		pairs = append(pairs, form, redacted)
	}
	return redaction{known: strings.NewReplacer(pairs...)}
}

// named returns the value of a setting or variable of that name.
func (r redaction) named(name, value string) string {
	if value != "" && secretName.MatchString(name) {
		return redacted
	}
	return r.text(value)
}

// text returns text with all that looks like a secret replaced.
func (r redaction) text(text string) string {
	if strings.Contains(text, secretReference) {
		return redacted
	}
	text = r.known.Replace(text)
	text = urlPassword.ReplaceAllString(text, "$1:"+redacted+"@")
	text = secretPair.ReplaceAllString(text, "${1}${2}"+redacted)
	return secretFlag.ReplaceAllString(text, "${1}"+redacted)
}

// arguments returns the arguments of a program.
func (r redaction) arguments(args []string) []string {
	shown := make([]string, len(args))
	for i, arg := range args {
		shown[i] = r.argument(arg)
		if i > 0 && isSecretFlag(args[i-1]) && !strings.HasPrefix(arg, "-") {
			shown[i] = redacted
		}
	}
	return shown
}

// argument returns k=v, -Dk=v or another argument. A value ends with its argument, whatever is in it.
func (r redaction) argument(arg string) string {
	if strings.Contains(arg, secretReference) {
		if name, _, found := strings.Cut(arg, "="); found && !strings.Contains(name, secretReference) {
			return r.text(name) + "=" + redacted
		}
		return redacted
	}
	shown := r.text(arg)
	name, value, _ := strings.Cut(shown, "=")
	if value == "" || strings.ContainsAny(name, " \t\r\n") || !secretName.MatchString(name) {
		return shown
	}
	return name + "=" + redacted
}

// isSecretFlag says whether an argument names the secret that the next one is.
func isSecretFlag(arg string) bool {
	return strings.HasPrefix(arg, "-") && !strings.ContainsAny(arg, "=") && secretName.MatchString(arg)
}

// file returns the text of a configuration file: properties, or settings in XML.
func (r redaction) file(content string) string {
	content = xmlSetting.ReplaceAllString(r.known.Replace(content), "${1}"+redacted)
	var shown strings.Builder
	hidden := false // the line goes on a value that was replaced
	for line := range strings.Lines(content) {
		text := strings.TrimRight(line, "\r\n")
		backslashes := len(text) - len(strings.TrimRight(text, `\`))
		goesOn := backslashes%2 == 1
		if !hidden {
			var replaced string
			replaced, hidden = r.property(text)
			shown.WriteString(replaced + line[len(text):])
		}
		hidden = hidden && goesOn
	}
	return shown.String()
}

// property returns a line of a properties file; hidden: its value was replaced.
func (r redaction) property(line string) (shown string, hidden bool) {
	parts := property.FindStringSubmatch(line)
	if parts == nil {
		return r.text(line), false
	}
	name := parts[1]
	separator := parts[2]
	kept := r.named(strings.ReplaceAll(name, `\`, ""), parts[3])
	if kept == redacted {
		return r.text(name) + separator + kept, true
	}
	return r.text(line), false
}
