package spec

import (
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"

	"buf.build/gen/go/bufbuild/protovalidate/protocolbuffers/go/buf/validate"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"

	"github.com/headrace/headrace/internal/resource"
	specv1 "github.com/headrace/headrace/proto/headrace/spec/v1"
)

// broken is a rule that something breaks.
type broken struct {
	field     protoreflect.FieldDescriptor
	part      part
	rules     *validate.FieldRules // that hold for this part of the field
	key       string               // of the entry
	value     protoreflect.Value   // not there if it is missing
	rule      string               // protovalidate's name of the rule
	otherwise string               // what protovalidate says
}

// part is what of a field a rule is about.
type part int

const (
	ofField part = iota
	ofElement
	ofKey
	ofValue
)

// told says to people what the rules of protovalidate mean.
var told = map[string]func(broken) string{
	"required":           broken.missing,
	"string.min_len":     broken.length,
	"string.max_len":     broken.length,
	"string.pattern":     broken.pattern,
	"int64.gte_lte":      broken.bounds,
	"uint32.gte_lte":     broken.bounds,
	"uint32.lte":         broken.bounds,
	"repeated.min_items": broken.count,
	"repeated.max_items": broken.count,
	"map.max_pairs":      broken.count,
}

func (b broken) words() string {
	if say := told[b.rule]; say != nil {
		return say(b)
	}
	return b.otherwise
}

// missing are the words for fields that have to be there, and are not.
var missing = map[protoreflect.FullName]string{
	"headrace.spec.v1.Application.engine":           "an application needs an engine: SPARK, HIVE or PROCESS",
	"headrace.spec.v1.InitialCapacity.worker_count": "it is missing: say how many workers, 1 to 1000000",
	"headrace.spec.v1.InitialCapacity.worker_size":  "it is missing: there are " + ladderSizes,
	"headrace.spec.v1.WorkerSize.milli_cpu":         "it is missing: there are " + ladderSizes,
	"headrace.spec.v1.WorkerSize.memory_mib":        "it is missing: there are " + ladderSizes,
	"headrace.spec.v1.JobRun.driver":                "a job run needs exactly one of spark_submit, hive and process",
	"headrace.spec.v1.Process.command":              "it names no program",
	"headrace.spec.v1.Configuration.classification": "a configuration needs a classification such as spark-defaults",
	"headrace.spec.v1.LogService.enabled":           "it is missing: say whether logs go there, true or false",
}

func (b broken) missing() string { return missingWords(b.field, b.rules) }

func missingWords(field protoreflect.FieldDescriptor, rules *validate.FieldRules) string {
	if words, known := missing[field.FullName()]; known {
		return words
	}
	if minimum, maximum := lengths(rules); maximum > 0 {
		return fmt.Sprintf("it is missing or empty, and needs %d to %d characters", minimum, maximum)
	}
	return "it is missing"
}

// emptyWords are those for a text that is there and is nothing.
func (f *outlined) emptyWords() string {
	rules := rulesOf(f.field)
	if f.required {
		return missingWords(f.field, rules)
	}
	_, maximum := lengths(rules)
	return fmt.Sprintf("it is nothing but space; leave it out, or write up to %d characters", maximum)
}

// lengths returns how many characters a text has.
func lengths(rules *validate.FieldRules) (minimum, maximum uint64) {
	return rules.GetString().GetMinLen(), rules.GetString().GetMaxLen()
}

func (b broken) length() string {
	minimum, maximum := lengths(b.rules)
	n := utf8.RuneCountInString(b.value.String())
	switch {
	case b.part == ofKey:
		return fmt.Sprintf("the key %s has %d characters, not %d to %d", quoted(b.key), n, minimum, maximum)
	case b.part == ofValue && minimum == 0:
		return fmt.Sprintf("the value of %s has %d characters; the most is %d", quoted(b.key), n, maximum)
	case b.part == ofValue:
		return fmt.Sprintf("the value of %s has %d characters, not %d to %d", quoted(b.key), n, minimum, maximum)
	case b.part == ofElement && minimum > 0:
		return fmt.Sprintf("%.80q has %d characters, not %d to %d", b.value.String(), n, minimum, maximum)
	case n > 0:
		return fmt.Sprintf("it has %d characters; the most is %d", n, maximum)
	case rulesOf(b.field).GetRequired():
		return b.missing()
	}
	return fmt.Sprintf("it is empty; leave it out, or write up to %d characters", maximum)
}

// What names are.
const (
	aKey     = "is not the ARN of a key, such as arn:aws:kms:us-east-1:000000000000:key/1234abcd"
	aNetwork = "is not 1 to 32 characters that begin with one of A-Z a-z 0-9 -"
	anImage  = "is not the reference of an image, such as registry.example.com:5000/spark/mine:7, " +
		"of at most 1024 characters"
	aDirectory = "is not the ARN of a directory, such as arn:aws:sso:::instance/ssoins-1234567890abcdef"
)

// allowed says what patterns allow.
var allowed = map[protoreflect.FullName]string{
	"headrace.spec.v1.Application.name":                      "is not 1 to 64 of A-Z a-z 0-9 . _ / # -",
	"headrace.spec.v1.Application.release_label":             "is not 1 to 64 of A-Z a-z 0-9 . _ / -",
	"headrace.spec.v1.Network.subnet_ids":                    aNetwork,
	"headrace.spec.v1.Network.security_group_ids":            aNetwork,
	"headrace.spec.v1.Image.uri":                             anImage,
	"headrace.spec.v1.IdentityCenter.instance_arn":           aDirectory,
	"headrace.spec.v1.S3Monitoring.encryption_key_arn":       aKey,
	"headrace.spec.v1.ManagedPersistence.encryption_key_arn": aKey,
	"headrace.spec.v1.LogService.encryption_key_arn":         aKey,
	"headrace.spec.v1.DiskEncryption.key_arn":                aKey,
	"headrace.spec.v1.LogService.log_group_name":             "is not 1 to 512 of A-Z a-z 0-9 . - _ / #",
	"headrace.spec.v1.LogService.log_stream_name_prefix":     "is not 1 to 512 characters without : and *",
}

func (b broken) pattern() string {
	if b.field.FullName() == "headrace.spec.v1.ExecutionPolicy.policy" {
		return policyWords(b.value.String())
	}
	says, known := allowed[b.field.FullName()]
	if !known {
		says = "does not match " + b.rules.GetString().GetPattern()
	}
	return fmt.Sprintf("%.80q %s", b.value.String(), says)
}

// policyWords names the first character that a policy's text cannot have: it is too long to be found otherwise.
func policyWords(text string) string {
	i := strings.IndexFunc(text, func(r rune) bool { return r > 0xff || r < 0x20 && !strings.ContainsRune("\t\n\r", r) })
	r, _ := utf8.DecodeRuneInString(text[max(i, 0):])
	return fmt.Sprintf("it has the character %q; there are printable ones up to U+00FF, tabs and ends of lines", r)
}

func (b broken) bounds() string {
	var value, minimum, maximum int64
	if n := b.rules.GetUint32(); n != nil {
		value = int64(b.value.Uint())
		minimum = int64(n.GetGte())
		maximum = int64(n.GetLte())
	} else {
		value = b.value.Int()
		minimum = b.rules.GetInt64().GetGte()
		maximum = b.rules.GetInt64().GetLte()
	}
	write := unitOf(b.field)
	return fmt.Sprintf("%s is not between %s and %s", write(value), write(minimum), write(maximum))
}

// unitOf returns how people write a field's numbers.
func unitOf(field protoreflect.FieldDescriptor) func(int64) string {
	switch unit, _ := proto.GetExtension(field.Options(), specv1.E_Unit).(specv1.Unit); unit {
	case specv1.Unit_UNIT_MILLI_CPU:
		return func(n int64) string { return resource.FormatCPU(n) + " vCPU" }
	case specv1.Unit_UNIT_MEMORY_MIB, specv1.Unit_UNIT_DISK_MIB:
		return resource.FormatMiB
	}
	return func(n int64) string { return strconv.FormatInt(n, 10) }
}

// nouns names what is in lists and maps.
var nouns = map[protoreflect.FullName]string{
	"headrace.spec.v1.Application.runtime_configuration":                "configurations",
	"headrace.spec.v1.ConfigurationOverrides.application_configuration": "configurations",
	"headrace.spec.v1.Configuration.configurations":                     "configurations",
	"headrace.spec.v1.Configuration.properties":                         "properties",
	"headrace.spec.v1.SparkSubmit.entry_point_arguments":                "arguments",
	"headrace.spec.v1.Application.constraints":                          "constraints",
	"headrace.spec.v1.Application.preferences":                          "preferences",
	"headrace.spec.v1.JobRun.constraints":                               "constraints",
	"headrace.spec.v1.Network.subnet_ids":                               "names",
	"headrace.spec.v1.Network.security_group_ids":                       "names",
	"headrace.spec.v1.ExecutionPolicy.policy_arns":                      "policies",
	"headrace.spec.v1.DiskEncryption.context":                           "words",
}

func (b broken) count() string {
	noun, known := nouns[b.field.FullName()]
	if !known {
		noun = "entries"
	}
	if b.field.IsMap() {
		return fmt.Sprintf("%d %s are more than %d", b.value.Map().Len(), noun, b.rules.GetMap().GetMaxPairs())
	}
	n := b.value.List().Len()
	minimum := b.rules.GetRepeated().GetMinItems()
	maximum := b.rules.GetRepeated().GetMaxItems()
	switch {
	case uint64(n) < minimum && maximum == 0:
		return b.missing()
	case minimum > 0:
		return fmt.Sprintf("%d %s are not between %d and %d", n, noun, minimum, maximum)
	}
	return fmt.Sprintf("%d %s are more than %d", n, noun, maximum)
}

// quoted writes a key that a user wrote, as far as it helps to find it.
func quoted(key string) string { return fmt.Sprintf("%.40q", strings.ToValidUTF8(key, "\ufffd")) }
