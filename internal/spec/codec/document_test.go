package codec

import (
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"
	"google.golang.org/protobuf/proto"

	specv1 "github.com/headrace/headrace/proto/headrace/spec/v1"
)

func TestDocument_ReadsAllJSON(t *testing.T) {
	long := strings.Repeat("k", 1024)
	for text, want := range map[string]map[string]string{
		`{"tags":{"a":"\ud83d\ude00"}}`:        {"a": "😀"},
		`{"tags":{"a":"s3:\/\/b"}}`:            {"a": "s3://b"},
		"{\"tags\":{\"a\"\n:\"\x7f\"}}":        {"a": "\x7f"},
		`{"tags":{"` + long + `":"x"}}`:        {long: "x"},
		"\ufeff{\t\"tags\":\r\n\t{\"a\":007}}": nil, // no JSON, and what YAML makes of it is a text
		"\ufeff{\t\"tags\":\r\n\t{\"a\":1e3}}": {"a": "1e3"},
	} {
		n, problems := (&YAML{}).Document([]byte(text))
		a := &specv1.Application{}
		if len(problems) == 0 {
			problems = File.Decode(n, a)
		}
		if want == nil {
			want = map[string]string{"a": "007"}
		}
		if !proto.Equal(a, specv1.Application_builder{Tags: want}.Build()) || len(problems) > 0 {
			t.Errorf("%.60s: %v, %v", text, a, problems)
		}
	}
}

func TestDocument_TellsLinesOfJSON(t *testing.T) {
	for text, want := range map[string]Problem{
		"{\n\"tags\": {\"a\": \"x\",\n\"b\":\n[]}}": {
			Line: 4,
			Path: "tags[b]",
			Text: "cannot be a list: give a single value",
		},
		"{\n\"naem\":\"x\"}": {Line: 2, Text: `there is no field "naem": is "name" meant?`},
		"{\n\"a\":1,\"tags\":\n{\"a\":\"\\ud83d\"}}": {
			Line: 3,
			Path: "tags.a",
			Text: "character 1 is no valid UTF-8",
		},
		"{\"\xff\":1}": {Line: 1, Text: `the name "` + "\ufffd" + `" is no valid UTF-8`},
		strings.Repeat("[", 102) + strings.Repeat("]", 102): {
			Line: 1,
			Path: strings.Repeat("[0]", 101),
			Text: "cannot be so large: all files together have at most 100000 values, 100 deep",
		},
	} {
		n, problems := (&YAML{}).Document([]byte(text))
		if len(problems) == 0 {
			problems = File.Decode(n, &specv1.Application{})
		}
		if len(problems) == 0 || problems[len(problems)-1] != want {
			t.Errorf("%.60q: %v, want %v", text, problems, want)
		}
	}
}

func TestDocument_IsOne(t *testing.T) {
	for text, valid := range map[string]bool{
		"name: a\n---\nname: b\n":  false,
		"name: a\n---\n]\n":        false,
		"---\n---\nname: a\n---\n": true,
		"# nothing":                true,
		"":                         true,
		"---\n# nothing\n":         true,
	} {
		if _, problems := (&YAML{}).Document([]byte(text)); (len(problems) == 0) != valid {
			t.Errorf("%q: %v", text, problems)
		}
	}
}

// A file of JSON counts with the others.
func TestYAML_BoundsHoldForJSON(t *testing.T) {
	y := &YAML{}
	half := []byte("[" + strings.Repeat("1,", maxValues/2) + "1]")
	var all []Problem
	for range 3 {
		_, problems, is := y.JSON(half)
		if !is {
			t.Fatal("it is JSON")
		}
		all = append(all, problems...)
	}
	if len(all) != 1 || all[0].Text != fileTooLarge {
		t.Errorf("%v", all)
	}
}

func TestYAML_NamesAreTexts(t *testing.T) {
	a := &specv1.Application{}
	if p := File.Decode(readYAML(t, "tags: {a: &k foo, *k : x}"), a); len(p) > 0 || a.GetTags()["foo"] != "x" {
		t.Errorf("%v %v, want the name that the alias stands for", a.GetTags(), p)
	}
	for _, text := range []string{"tags: {? [a] : x}", "tags: {? {a: b} : x}", "a: &l [x]\n*l : y\n"} {
		_, problems := tryYAML(text)
		if len(problems) != 1 || !strings.HasPrefix(problems[0].Text, "has a list or an object as a name") {
			t.Errorf("%s: %v", text, problems)
		}
	}
}

// A tag of YAML makes no switch of a word that is none.
func TestDecode_SwitchesAreTrueOrFalse(t *testing.T) {
	for text, want := range map[string]string{
		"TRUE":       "true",
		"!!bool yes": `cannot be "yes": true or false`,
		"!!bool 5":   `cannot be "5": true or false`,
		"!!int true": `cannot be "true": true or false`,
	} {
		a := &specv1.AutoStart{}
		problems := File.Decode(readYAML(t, "enabled: "+text), a)
		if want == "true" && len(problems) == 0 && a.GetEnabled() {
			continue
		}
		if len(problems) != 1 || problems[0].Text != want {
			t.Errorf("%s: %v %v, want %s", text, a, problems, want)
		}
	}
}

// Other readers merge what stands under << and know no =.
func TestYAML_WritesNoSignsAsNames(t *testing.T) {
	n := File.Encode(specv1.Application_builder{Tags: map[string]string{"<<": "<<", "=": "="}}.Build())
	text, err := yaml.Marshal(n.YAML())
	if want := "tags:\n    \"<<\": \"<<\"\n    \"=\": \"=\"\n"; err != nil || string(text) != want {
		t.Errorf("%v\n%s", err, text)
	}
}
