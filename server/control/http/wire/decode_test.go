package wire

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"github.com/headrace/headrace/internal/errs"
)

// shape has every kind of rule.
type shape struct {
	Name   string            `json:"name" api:"required"`
	Note   string            `json:"note" api:"blank"`
	Count  *int32            `json:"count" api:"min=2"`
	On     *bool             `json:"on"`
	List   []string          `json:"list" api:"blank"`
	Texts  []string          `json:"texts"`
	Map    map[string]inner  `json:"map"`
	Words  map[string]string `json:"words" api:"blank"`
	Inner  *inner            `json:"inner"`
	Nested []inner           `json:"nested"`
	base
}

type inner struct {
	Value string `json:"value" api:"required"`
}

type base struct {
	Below string `json:"below" api:"required"`
}

func TestDecode_TakesWhatIsRight(t *testing.T) {
	for _, body := range []string{
		`{"name":"n","below":"b"}`,
		`{"name":"n","below":"b","note":"","count":2,"on":null,"list":["",null],"words":{"a":""},"map":{"k":{"value":"v"}},"nested":[{"value":"v"}]}`,
		`{"name":"\u00e9","below":"é","unknown":{"name":5},"inner":null}`,
		`{"name":"\uFFFD \ud83d\ude00","below":"b"}`, "{\"name\":\"\ufffd\",\"below\":\"b\"}",
	} {
		var s shape
		if err := Decode([]byte(body), &s); err != nil || s.Below == "" {
			t.Errorf("%s: %v %+v", body, err, s)
		}
	}
}

func TestDecode_NamesWhatIsWrong(t *testing.T) {
	for body, want := range map[string]string{
		``:                                "name: it is missing",
		` `:                               "name: it is missing",
		`null`:                            "",
		`{"name":"n"}`:                    "below: it is missing",
		`{"name":""}`:                     "name: it is empty",
		`{"name":true}`:                   "name: a JSON bool is given, and a string is needed",
		`{"name":"n","count":1}`:          "count: 1 is below 2",
		`{"name":"n","count":"2"}`:        "count: a JSON string is given, and a whole number that fits in 32 bits is needed",
		`{"name":"n","count":2.0}`:        "count: a JSON number 2.0 is given",
		`{"name":"n","count":3000000000}`: "count: a JSON number 3000000000 is given",
		`{"name":"n","on":"true"}`:        "on: a JSON string is given, and true or false is needed",
		`{"name":"n","list":{}}`:          "list: a JSON object is given, and a list is needed",
		`{"name":"n","map":[]}`:           "map: a JSON array is given, and an object is needed",
		`{"name":"n","texts":["a",""]}`:   "texts[1]: it is empty",
		`{"name":"n","map":{"a":{},"b":{"value":1}}}`:    "map.value: a JSON number is given",
		`{"name":"n","map":{"b":{"value":""},"a":{}}}`:   "map.a.value: it is missing",
		`{"name":"n","inner":{}}`:                        "inner.value: it is missing",
		`{"name":"n","nested":[{"value":"v"},{}]}`:       "nested[1].value: it is missing",
		`{"name":"n"} {}`:                                "cannot read the body as JSON",
		`{"name":`:                                       "cannot read the body as JSON",
		`"text"`:                                         "cannot read the body: it is a JSON string",
		"{\"name\":\"n\xff\",\"below\":\"b\"}":           "name: character 2 is no valid UTF-8",
		`{"name":"n","below":"b","list":["é\ud800"]}`:    "list[0]: character 2 is no valid UTF-8",
		`{"name":"n","below":"b","words":{"\udc00":""}}`: "words: the name",
	} {
		err := Decode([]byte(body), &shape{})
		if want == "" {
			want = "name: it is missing"
			if body == "null" {
				continue
			}
		}
		if !errs.Is(err, errs.Invalid) || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %s", body, err, want)
		}
	}
}

func TestAmounts_AreReadAndWritten(t *testing.T) {
	for text, want := range map[string]int64{"4": 4000, "4vCPU": 4000, "16 vcpu": 16000, "1 VCPU": 1000, "0": 0, "0.5": 0, "-1": 0, "4  vCPU": 0, "4GB": 0, "": 0} {
		if got, err := CPU("cpu", text); got != want || (err == nil) != (want > 0) {
			t.Errorf("CPU %q: %d %v, want %d", text, got, err, want)
		}
	}
	for text, want := range map[string]int64{"4": 4096, "4GB": 4096, "16 gb": 16384, "2Gb": 2048, "4MB": 0, "4.5GB": 0, "": 0, "999999999999999": 0} {
		if got, err := Memory("memory", text); got != want || (err == nil) != (want > 0) {
			t.Errorf("memory %q: %d %v, want %d", text, got, err, want)
		}
	}
	for text, want := range map[string]int64{"20GB": 20480, "20 GB": 20480, "": 0} {
		if got, err := Disk("disk", text); got != want || err != nil {
			t.Errorf("disk %q: %d %v, want %d", text, got, err, want)
		}
	}
	if FormatCPU(4000) != "4 vCPU" || FormatGB(20480) != "20 GB" || FormatGB(100) != "1 GB" || FormatCPU(0)+FormatGB(0) != "" {
		t.Error("amounts are written wrongly")
	}
}

func TestTimes_AreSecondsOutAndISOIn(t *testing.T) {
	for text, want := range map[string]string{"2026-11-22T07:17:44Z": "1795331864", "2026-11-22T07:17:44.123Z": "1795331864.123", "2026-11-22T07:17:44.123456Z": "1795331864.123",
		"2026-11-22T08:17:44+01:00": "1795331864", "1795331864.5": "1795331864.5", "1.795E9": "1795000000"} {
		at, err := ParseTime("t", text)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := json.Marshal(Time(at)); string(got) != want || err != nil {
			t.Errorf("%s is written %s, want %s", text, got, want)
		}
	}
	for _, text := range []string{"yesterday", "2026-11-22", "-1", "NaN", "Inf", "1e300"} {
		if at, err := ParseTime("t", text); err == nil {
			t.Errorf("%s is read as %v", text, at)
		}
	}
	if at, err := ParseTime("t", ""); at != nil || err != nil || OptionalTime(nil) != nil {
		t.Error("no time is one")
	}
}

// Whatever comes, it is read or refused with a kind; what is read keeps its rules.
func FuzzDecode(f *testing.F) {
	for _, body := range []string{`{"name":"n","below":"b","count":2}`, `{"map":{"a":{"value":"v"}}}`, `[[[]]]`, `{"name":`, "\xff", `{"list":[null,""]}`} {
		f.Add([]byte(body))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		for _, into := range []any{&shape{}, &CreateApplicationRequest{}, &UpdateApplicationRequest{}, &StartJobRunRequest{}, &TagResourceRequest{}, &StartSessionRequest{}} {
			err := Decode(body, into)
			var known *errs.Error
			if err != nil && (!errors.As(err, &known) || known.Kind != errs.Invalid) {
				t.Fatalf("%q is refused with %v", body, err)
			}
		}
	})
}
