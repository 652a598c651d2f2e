package label_test

import (
	"fmt"
	"reflect"
	"strings"
	"testing"

	"github.com/headrace/headrace/internal/label"
)

func node(labels map[string]string) *label.Node {
	return &label.Node{
		ID:           "n-1",
		Name:         "nvme-1",
		Zone:         "a",
		Architecture: "X86_64",
		Own:          label.Of(labels),
	}
}

func TestConstraint_HoldsAsItReads(t *testing.T) {
	n := node(map[string]string{"disk": "nvme", "cores": "16", "example.com/team": "x"})
	for text, want := range map[string]bool{
		"disk == nvme":             true,
		"disk==nvme":               true,
		"disk == hdd":              false,
		"disk != hdd":              true,
		"disk!=nvme":               false,
		"gpu == a100":              false,
		"gpu != a100":              true,
		"disk in (hdd, nvme)":      true,
		"disk in(hdd)":             false,
		"disk not in (hdd,ssd)":    true,
		"disk not in (hdd,nvme)":   false,
		"gpu not in (a100, h100)":  true,
		"gpu in (a100, h100)":      false,
		"disk exists":              true,
		"gpu exists":               false,
		"gpu not exists":           true,
		"disk not exists":          false,
		"cores > 15":               true,
		"cores > 16":               false,
		"cores<17":                 true,
		"cores < 16":               false,
		"disk > 3":                 false,
		"gpu < 3":                  false,
		"zone == a":                true,
		"node in (nvme-1, nvme-2)": true,
		"node-id == n-1":           true,
		"architecture == ARM64":    false,
		"shuffle-disk == false":    true,
		"example.com/team == x":    true,
	} {
		c, err := label.Parse(text)
		if err != nil {
			t.Errorf("cannot read %q: %v", text, err)
		} else if c.Holds(n) != want {
			t.Errorf("%q holds: %t", text, !want)
		}
	}
}

func TestParse_SaysWhatWasExpected(t *testing.T) {
	for text, want := range map[string]string{
		"":                             "does not begin with the key",
		"== nvme":                      "does not begin with the key",
		"disk":                         "has no operator",
		"disk = nvme":                  "has no operator",
		"disk is nvme":                 "has no operator",
		"disk not nvme":                "has no operator",
		"disk ==":                      "compares with \"\"",
		"disk == a b":                  "compares with \"a b\"",
		"disk == \x1b[2J":              "compares with",
		"disk in nvme":                 "no list in parentheses",
		"disk in (":                    "no list in parentheses",
		"disk in ()":                   "lists \"\"",
		"disk in (a,,b)":               "lists \"\"",
		"cores < -3":                   "compares with",
		"disk exists really":           "something after exists",
		"cores > many":                 "whole numbers",
		"cores > 99999999999999999999": "whole numbers",
		"ключ == a":                    "does not begin with the key",
		"disk in (" + strings.Repeat("a", 505) + ")": "the most is 512",
	} {
		_, err := label.Parse(text)
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q gives the error %v, not %q", text, err, want)
		}
	}
	var many []string
	for i := range 17 {
		many = append(many, fmt.Sprint("v", i))
	}
	if _, err := label.Parse("disk in (" + strings.Join(many, ",") + ")"); err == nil {
		t.Error("17 values were taken")
	}
}

func TestSet_IsTheSameHoweverItIsWritten(t *testing.T) {
	one := set(t, "disk==nvme", "zone in (b, a, b)", "gpu exists")
	other := set(t, "gpu   exists", "zone in (a,b)", "disk in (nvme)", "disk == nvme")
	if one.String() != other.String() || one.String() != "disk == nvme and gpu exists and zone in (a, b)" {
		t.Errorf("written as %q and %q", one.String(), other.String())
	}
}

func set(t *testing.T, texts ...string) label.Set {
	t.Helper()
	return label.SetOf(all(t, texts...)...)
}

func all(t *testing.T, texts ...string) (all []label.Constraint) {
	t.Helper()
	for _, text := range texts {
		c, err := label.Parse(text)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, c)
	}
	return all
}

func TestRules_HaveATierForEachPreference(t *testing.T) {
	r := label.NewRules(all(t, "zone == a"), all(t, "disk == nvme", "gpu exists"), "rack")
	var got []string
	for _, tier := range r.Tiers() {
		got = append(got, tier.String())
	}
	want := "disk == nvme and gpu exists and zone == a|disk == nvme and zone == a|zone == a"
	if strings.Join(got, "|") != want || r.Where().String() != "zone == a" || r.Spread() != "rack" {
		t.Errorf("the tiers are %q, over %q", got, r.Spread())
	}
	var none *label.Rules
	if label.NewRules(nil, nil, "") != nil || len(none.Tiers()) != 1 || none.String() != "" ||
		!none.Where().Holds(node(nil)) {
		t.Error("no rules say something")
	}
	if r.String() == label.NewRules(all(t, "zone == a"), all(t, "gpu exists", "disk == nvme"), "rack").String() {
		t.Error("the order of preferences makes no difference")
	}
}

func TestRules_ThatMeanSomethingElseAreWrittenInAnotherWay(t *testing.T) {
	rather := label.NewRules(nil, all(t, "not exists"), "") // "not" is a key here
	where := label.NewRules(all(t, "rather not exists"), nil, "")
	if rather.String() == where.String() {
		t.Errorf("both are written as %q", where.String())
	}
}

// Runs of one line share the rules of the first, so rules that are written alike must not differ in anything.
func TestRules_ThatAreWrittenAlikeAreTheSame(t *testing.T) {
	base := label.NewRules(all(t, "zone == a"), all(t, "gpu exists"), "rack")
	one := base.With(all(t, "disk == nvme", "rack exists"))
	other := base.With(all(t, "rack exists", "zone==a", "disk in (nvme)"))
	if !reflect.DeepEqual(one, other) || !reflect.DeepEqual(base, base.With(all(t, "zone == a"))) {
		t.Errorf("%+v differs from %+v", one, other)
	}
}

func TestCheck_NamesWhatIsNoLabel(t *testing.T) {
	many := map[string]string{}
	for i := range label.Max + 1 {
		many[fmt.Sprint("k", i)] = "v"
	}
	for want, labels := range map[string]map[string]string{
		"":                             {"disk": "nvme", "example.com/rack": "r-1.2_3"},
		"at most 32":                   many,
		"the key \"\"":                 {"": "x"},
		"the key \"-a\"":               {"-a": "x", "b": ""},
		"that every node has":          {"zone": "x"},
		"the value \"\" of \"b\"":      {"b": "", "c": "-"},
		"the value \"a b\" of \"b\"":   {"b": "a b"},
		"the value \"\\x1b\" of \"b\"": {"b": "\x1b"},
	} {
		if got := label.Check(labels); (want == "") != (got == "") || !strings.Contains(got, want) {
			t.Errorf("%v: %q, not %q", labels, got, want)
		}
	}
}
