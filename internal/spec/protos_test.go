package spec

import (
	"maps"
	"slices"
	"testing"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"

	specv1 "github.com/headrace/headrace/proto/headrace/spec/v1"
)

// aProgram is said of what goes to a program.
const aProgram = "a program's own; servers hold each, and all together, to what Linux can start"

// anything are the fields whose values no rule of the protos bounds, with what does, or why nothing has to. Whoever
// adds a field to a spec decides: it has a rule, or it stands here.
var anything = map[string]string{
	"Application.tags": "CheckTags", "JobRun.tags": "CheckTags",
	"Application.initial_capacity keys":           "checkWorkerTypes",
	"Application.worker_type_specifications keys": "checkWorkerTypes",
	"LogService.log_types keys":                   "checkLogTypes",
	"LogTypes.logs elements":                      "checkLogTypes",
	"WorkerSize.milli_cpu":                        "checkLadder",
	"WorkerSize.memory_mib":                       "checkLadder",
	"WorkerSize.disk_mib":                         "checkLadder",
	"MaximumCapacity.milli_cpu":                   "checkMaximumCapacity",
	"MaximumCapacity.memory_mib":                  "checkMaximumCapacity",
	"MaximumCapacity.disk_mib":                    "checkMaximumCapacity",
	"SparkSubmit.entry_point_arguments elements":  aProgram,
	"Process.command":                             aProgram,
	"Process.command elements":                    aProgram,
	"Process.task_command":                        aProgram,
	"Process.task_command elements":               aProgram,
	"Process.environment":                         aProgram,
	"Process.environment keys":                    "checkProcess",
	"Process.environment values":                  aProgram,
}

// specMessages calls each for the messages of specs, each once.
func specMessages(
	m protoreflect.MessageDescriptor,
	seen map[protoreflect.FullName]bool,
	each func(protoreflect.MessageDescriptor),
) {
	if seen[m.FullName()] {
		return
	}
	seen[m.FullName()] = true
	each(m)
	for i := range m.Fields().Len() {
		field := m.Fields().Get(i)
		if field.IsMap() {
			field = field.MapValue()
		}
		if field.Kind() == protoreflect.MessageKind {
			specMessages(field.Message(), seen, each)
		}
	}
}

func eachField(each func(protoreflect.FieldDescriptor)) {
	seen := map[protoreflect.FullName]bool{}
	for _, m := range []proto.Message{&specv1.Application{}, &specv1.JobRun{}} {
		specMessages(m.ProtoReflect().Descriptor(), seen, func(m protoreflect.MessageDescriptor) {
			for i := range m.Fields().Len() {
				each(m.Fields().Get(i))
			}
		})
	}
}

// unbounded returns the parts of a field that no rule of the protos bounds: itself, its elements, keys or values.
func unbounded(field protoreflect.FieldDescriptor) (parts []string) {
	rules := rulesOf(field)
	name := string(field.Parent().Name()) + "." + string(field.Name())
	add := func(bounded bool, part string) {
		if !bounded {
			parts = append(parts, name+part)
		}
	}
	text := func(kind protoreflect.Kind, bounded bool, part string) {
		add(kind != protoreflect.StringKind || bounded, part)
	}
	switch {
	case field.IsMap():
		add(rules.GetMap().HasMaxPairs(), "")
		text(field.MapKey().Kind(), rules.GetMap().GetKeys().GetString().HasMaxLen(), " keys")
		text(field.MapValue().Kind(), rules.GetMap().GetValues().GetString().HasMaxLen(), " values")
	case field.IsList():
		add(rules.GetRepeated().HasMaxItems(), "")
		text(field.Kind(), rules.GetRepeated().GetItems().GetString().HasMaxLen(), " elements")
	case field.Kind() == protoreflect.StringKind:
		add(rules.GetString().HasMaxLen() || rules.GetString().HasPattern(), "")
	case field.Kind() == protoreflect.Int64Kind:
		add(rules.GetInt64().HasGte() && rules.GetInt64().HasLte(), "")
	case field.Kind() == protoreflect.Uint32Kind:
		add(rules.GetUint32().HasLte(), "")
	case field.Kind() == protoreflect.BoolKind, field.Kind() == protoreflect.MessageKind:
	case field.Kind() == protoreflect.EnumKind: // outlined.check: one of its words
	default:
		add(false, "")
	}
	return parts
}

// No field of a spec takes just anything by mistake.
func TestProtos_EveryFieldHasARuleOrMayHoldAnything(t *testing.T) {
	left := maps.Clone(anything)
	eachField(func(field protoreflect.FieldDescriptor) {
		for _, part := range unbounded(field) {
			name := string(field.Parent().Name()) + "." + string(field.Name())
			if anything[part] == "" && (anything[name] != "CheckTags") {
				t.Errorf("%s has no rule: it needs one in the protos, or has to stand in this test with what bounds it", part)
			}
			delete(left, part)
		}
	})
	if len(left) > 0 {
		t.Errorf("these have a rule, or are not there: %v", slices.Sorted(maps.Keys(left)))
	}
}

// What protovalidate can find wrong is told in words of this package, not in its own.
func TestProtos_EveryRuleHasWords(t *testing.T) {
	eachField(func(field protoreflect.FieldDescriptor) {
		rules := rulesOf(field)
		if rules == nil {
			return
		}
		for _, id := range ruleIDs(rules.ProtoReflect()) {
			if told[id] == nil {
				t.Errorf("%s has the rule %s, which nobody tells to people", field.FullName(), id)
			}
		}
		for _, s := range []bool{rules.GetString().HasPattern(), rules.GetRepeated().GetItems().GetString().HasPattern()} {
			if s && allowed[field.FullName()] == "" && field.FullName() != "headrace.spec.v1.ExecutionPolicy.policy" {
				t.Errorf("%s has a pattern, and nobody says to people what it allows", field.FullName())
			}
		}
		if rules.GetRequired() && missingWords(field, rules) == "it is missing" {
			t.Errorf("%s has to be there, and nobody says to people what is missing", field.FullName())
		}
	})
	for _, table := range []map[protoreflect.FullName]string{missing, allowed, nouns} {
		for name := range table {
			found := false
			eachField(func(field protoreflect.FieldDescriptor) { found = found || field.FullName() == name })
			if !found {
				t.Errorf("there is no field %s", name)
			}
		}
	}
}

// ruleIDs returns protovalidate's names of the rules of a field, also of those of its elements, keys and values.
func ruleIDs(rules protoreflect.Message) (ids []string) {
	rules.Range(func(kind protoreflect.FieldDescriptor, value protoreflect.Value) bool {
		if kind.Name() == "required" {
			ids = append(ids, "required")
		}
		if kind.Kind() != protoreflect.MessageKind || kind.IsList() {
			return true
		}
		of := value.Message()
		lower := of.Descriptor().Fields().ByName("gte")
		upper := of.Descriptor().Fields().ByName("lte")
		of.Range(func(rule protoreflect.FieldDescriptor, value protoreflect.Value) bool {
			switch {
			case rule.Kind() == protoreflect.MessageKind:
				ids = append(ids, ruleIDs(value.Message())...)
			case rule == lower && of.Has(upper), rule == upper && of.Has(lower):
				ids = append(ids, string(kind.Name())+".gte_lte")
			default:
				ids = append(ids, string(kind.Name())+"."+string(rule.Name()))
			}
			return true
		})
		return true
	})
	return ids
}

// An outline knows the fields that the options mark; without this a mistake in reading them would be seen nowhere.
func TestOutline_ReadsTheOptions(t *testing.T) {
	run := jobRunOutline()
	application := applicationOutline()
	find := func(o *outline, name string) *outlined {
		i := slices.IndexFunc(o.fields, func(f *outlined) bool { return f.name == name })
		return o.fields[i]
	}
	monitoring := find(application, "monitoring").below
	if !find(run, "name").line || !find(monitoring, "s3").counts || find(monitoring, "log_service").counts ||
		!find(run, "driver").stays ||
		!find(find(find(run, "driver").below, "process").below, "environment").lineKeys ||
		find(run, "retry_policy").stays {
		t.Error("an option is not read")
	}
	configuration := find(application, "runtime_configuration").below
	if find(configuration, "configurations").below != configuration {
		t.Error("a configuration is below itself, and has two outlines")
	}
}
