package message

import (
	"strings"
	"testing"

	"github.com/headrace/headrace/fsm/state"
	"github.com/headrace/headrace/internal/releases"
)

func TestNotRunnable_SaysWhy(t *testing.T) {
	newest, _ := releases.Lookup("emr-7.2.0")
	oldest, _ := releases.Lookup("emr-6.6.0")
	node := func(python string, java ...uint32) *state.Node {
		return &state.Node{Name: "n", Java: java, Python: python, Releases: []string{"emr-7.2.0", "emr-6.6.0"}}
	}
	for name, c := range map[string]struct {
		release releases.Release
		engine  state.Engine
		cached  bool
		ready   []*state.Node
		said    []string // nothing: it can run
	}{
		"nowhere": {
			newest,
			state.EngineSpark, false, nil,
			[]string{
				"headrace release fetch emr-7.2.0", "headrace release add emr-7.2.0",
			},
		},
		"on no ready node": {
			newest,
			state.EngineSpark, false,
			[]*state.Node{{Name: "n"}},
			[]string{"no node holds it"},
		},
		"cached, without nodes": {newest, state.EngineSpark, true, nil, nil},
		"held":                  {newest, state.EngineSpark, false, []*state.Node{node("3.11.7", 17)}, nil},
		"cached": {
			newest,
			state.EngineSpark, true,
			[]*state.Node{{Name: "n", Java: []uint32{17}, Python: "3.11.7"}},
			nil,
		},
		"Java too old": {
			oldest,
			state.EngineSpark, false,
			[]*state.Node{node("3.9", 17)},
			[]string{
				"Spark 3.2.0", "Java 8 or 11", "needs Java 17",
			},
		},
		"Java too new": {
			newest,
			state.EngineSpark,
			false,
			[]*state.Node{node("3.9", 21), node("3.9", 11, 21)},
			[]string{"Spark 3.5.1", "8, 11 or 17", "(2) have 11 and 21"},
		},
		"Java on one":   {newest, state.EngineSpark, false, []*state.Node{node("3.9", 17), node("3.9", 11)}, nil},
		"Java not said": {newest, state.EngineSpark, false, []*state.Node{node("3.9")}, nil},
		"Python too new": {
			newest,
			state.EngineSpark, false,
			[]*state.Node{node("3.13.1", 17)},
			[]string{
				"JVM jobs only", "3.8 to 3.12", "3.13.1",
			},
		},
		"Python where Java is": {
			newest,
			state.EngineSpark,
			false,
			[]*state.Node{node("3.13.1", 17), node("3.9", 11)},
			[]string{"JVM jobs only", "(1) have 3.13.1"},
		},
		"Python on one": {
			newest,
			state.EngineSpark, false,
			[]*state.Node{node("3.13.1", 17), node("3.12.0", 17)},
			nil,
		},
		"Hive": {
			newest,
			state.EngineHive, true,
			[]*state.Node{node("3.9", 17)},
			[]string{"no Hive engine"},
		},
		"custom without version": {
			releases.Release{Label: "mine"},
			state.EngineSpark, true,
			[]*state.Node{node("3.13", 21)},
			nil,
		},
	} {
		t.Run(name, func(t *testing.T) {
			got := notRunnable(c.release, c.engine, c.cached, c.ready)
			if (got == "") != (len(c.said) == 0) {
				t.Errorf("%q", got)
			}
			for _, words := range c.said {
				if !strings.Contains(got, words) {
					t.Errorf("%q does not say %q", got, words)
				}
			}
		})
	}
}

func TestReleaseList_IsTheTableThenWhatWasAdded(t *testing.T) {
	tx := state.New().Begin()
	for _, label := range []string{"zulu", "emr-7.1.0", "alpha"} {
		tx.PutRelease(state.Release{Label: label, Engine: state.EngineSpark, EngineVersion: "3.4.1", SizeBytes: 5})
	}
	tx.PutNode(state.Node{ID: "1", Name: "n2", State: state.NodeReady, Releases: []string{"zulu"}})
	tx.PutNode(state.Node{ID: "2", Name: "n1", State: state.NodeReady, Releases: []string{"zulu"}})
	tx.PutNode(state.Node{ID: "3", Name: "n3", State: state.NodeLost, Releases: []string{"zulu"}})
	list := Releases(tx.Commit())
	table := len(releases.All())
	if len(list) != table+2 || list[0].GetLabel() != "emr-7.2.0" || list[1].GetLabel() != "emr-7.1.0" ||
		list[table].GetLabel() != "alpha" {
		t.Fatalf("order: %v", list)
	}
	if row := list[1]; !row.GetCached() || row.GetCustom() || row.GetHiveVersion() != "3.1.3" ||
		row.GetTezVersion() != "0.10.2" ||
		row.GetSparkVersion() != "3.5.0" {
		t.Errorf("emr-7.1.0: %v", row)
	}
	zulu := list[table+1]
	if !zulu.GetCustom() || zulu.GetNodes() != 2 || strings.Join(zulu.GetNodeNames(), " ") != "n1 n2" ||
		zulu.GetPythonMax() != "3.11" ||
		len(zulu.GetJavaVersions()) != 3 {
		t.Errorf("zulu: %v", zulu)
	}
	if list[0].GetNotRunnable() == "" || zulu.GetNotRunnable() != "" {
		t.Errorf("%q and %q", list[0].GetNotRunnable(), zulu.GetNotRunnable())
	}
}
