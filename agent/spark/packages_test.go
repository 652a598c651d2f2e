package spark

import (
	"archive/zip"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/headrace/headrace/agent"
	"github.com/headrace/headrace/internal/errs"
	agentv1 "github.com/headrace/headrace/proto/headrace/agent/v1"
)

// packageServers keeps archives in memory.
type packageServers struct {
	mu     sync.Mutex
	kept   map[string][]byte
	opened int
}

func newPackageServers() *packageServers { return &packageServers{kept: map[string][]byte{}} }

func (s *packageServers) OpenPackages(_ context.Context, key string) (io.ReadCloser, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	content, ok := s.kept[key]
	if !ok {
		return nil, errs.New(errs.NotFound, "nobody has it")
	}
	s.opened++
	return io.NopCloser(bytes.NewReader(content)), nil
}

func (s *packageServers) StorePackages(_ context.Context, key string, write func(io.Writer) error) error {
	var content bytes.Buffer
	if err := write(&content); err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.kept[key] = content.Bytes()
	return nil
}

// repository makes a repository of jars with greeting:hello:1.0, which needs greeting:words:2.0.
func repository(t *testing.T) (uri string) {
	t.Helper()
	dir := t.TempDir()
	for name, needs := range map[string]string{
		"hello:1.0": "<dependencies><dependency><groupId>greeting</groupId><artifactId>words</artifactId><version>2.0</version></dependency></dependencies>",
		"words:2.0": "",
	} {
		artifact, version, _ := strings.Cut(name, ":")
		base := filepath.Join(dir, "greeting", artifact, version, artifact+"-"+version)
		if err := os.MkdirAll(filepath.Dir(base), 0o755); err != nil {
			t.Fatal(err)
		}
		write(t, base+".pom", fmt.Sprintf("<project><modelVersion>4.0.0</modelVersion><groupId>greeting</groupId><artifactId>%s</artifactId>"+
			"<version>%s</version>%s</project>", artifact, version, needs))
		write(t, base+".jar", jarWith(t, artifact+".txt", artifact))
	}
	return "file://" + dir
}

// jarWith returns a jar with one file.
func jarWith(t *testing.T, name, text string) string {
	t.Helper()
	var content bytes.Buffer
	jar := zip.NewWriter(&content)
	file, err := jar.Create(name)
	if err == nil {
		_, err = io.WriteString(file, text)
	}
	if err := errors.Join(err, jar.Close()); err != nil {
		t.Fatal(err)
	}
	return content.String()
}

// settled returns what a driver's properties become on a node that shares nothing with others but servers.
func settled(t *testing.T, servers PackageServers, python bool, properties map[string]string) (map[string]string, string, error) {
	t.Helper()
	n := newNode(t)
	root := t.TempDir()
	p, err := n.engine.place(t.Context(), assignment("local:///x.py", nil), t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	config := n.engine.config
	config.Packages = servers
	own := &Engine{config: config, machine: n.engine.machine}
	own.packages = &packageCache{engine: own, held: map[string]string{}, root: root}
	properties = maps.Clone(properties)
	err = own.settlePackages(t.Context(), p, "w", python, properties)
	return properties, root, err
}

func TestPackages_AreResolvedOncePerCluster(t *testing.T) {
	servers, from := newPackageServers(), repository(t)
	wanted := map[string]string{packagesSetting: "greeting:hello:1.0, ", repositoriesSetting: from, "spark.jars": "file:///own.jar"}
	var first []string
	for node := range 2 {
		properties, root, err := settled(t, servers, node == 1, wanted)
		if err != nil {
			t.Fatal(err)
		}
		jars := strings.Split(properties["spark.jars"], ",")
		names := []string{}
		for _, jar := range jars[1:] {
			names = append(names, filepath.Base(jar))
			if info, err := os.Stat(strings.TrimPrefix(jar, "file://")); err != nil || info.Mode().Perm() != 0o644 || !strings.HasPrefix(jar, "file://"+root) {
				t.Errorf("node %d: %s: %v %v", node, jar, info, err)
			}
		}
		if jars[0] != "file:///own.jar" || len(names) != 2 || node == 1 && !slices.Equal(names, first) {
			t.Errorf("node %d has %v, the first one %v", node, jars, first)
		}
		first = names
		if python := properties["spark.submit.pyFiles"]; (node == 1) != (python == strings.Join(jars[1:], ",")) {
			t.Errorf("node %d: files of Python are %q", node, python)
		}
		if properties[packagesSetting]+properties[repositoriesSetting] != "" {
			t.Errorf("node %d: Spark would resolve them again: %v", node, properties)
		}
	}
	if len(servers.kept) != 1 || servers.opened != 1 {
		t.Errorf("the servers have %d sets, and gave %d", len(servers.kept), servers.opened)
	}
}

func TestPackages_SayWhatIsMissing(t *testing.T) {
	_, _, err := settled(t, newPackageServers(), false, map[string]string{packagesSetting: "greeting:hello:9.9", repositoriesSetting: repository(t)})
	var told *agent.StartError
	if !errors.As(err, &told) || told.Reason != agentv1.ExitReason_EXIT_REASON_FILE_NOT_FOUND || !strings.Contains(told.Message, "greeting#hello;9.9: not found") {
		t.Errorf("%v", err)
	}
}

// What may be something else tomorrow, or follows the run's own settings of Ivy, the driver resolves in its own directory.
func TestPackages_ThatChangeAreNotShared(t *testing.T) {
	for _, c := range []map[string]string{
		{packagesSetting: "a:b:1-SNAPSHOT"}, {packagesSetting: "a:b:[1,2)"}, {packagesSetting: "a:b:latest.release"},
		{packagesSetting: "a:b:1", ivySettingsSetting: "file:///mine.xml"},
	} {
		servers := newPackageServers()
		properties, _, err := settled(t, servers, false, c)
		if err != nil || properties[packagesSetting] != c[packagesSetting] || !strings.Contains(properties[ivySetting], ownFolder) || len(servers.kept) != 0 {
			t.Errorf("%v became %v, %v", c, properties, err)
		}
	}
}

// An archive from the servers is taken only if it is what its manifest says; else the packages are resolved here.
func TestPackages_RefuseBrokenArchives(t *testing.T) {
	servers, from := newPackageServers(), repository(t)
	wanted := map[string]string{packagesSetting: "greeting:hello:1.0", repositoriesSetting: from}
	if _, _, err := settled(t, servers, false, wanted); err != nil {
		t.Fatal(err)
	}
	for key, content := range servers.kept {
		servers.kept[key] = bytes.Replace(content, []byte("words.txt"), []byte("swords.tx"), 1)
	}
	properties, _, err := settled(t, servers, false, wanted)
	if err != nil || len(strings.Split(properties["spark.jars"], ",")) != 2 {
		t.Errorf("%v, %v", properties, err)
	}
	for _, content := range servers.kept {
		if bytes.Contains(content, []byte("swords.tx")) {
			t.Error("the servers still have the broken archive: nobody may replace it, but nobody resolved anew either")
		}
	}
}

func TestPackageSet_RefusesNamesThatLeadElsewhere(t *testing.T) {
	for _, name := range []string{"../x.jar", "/x.jar", "a/b.jar", "x.txt", ""} {
		if _, err := readManifest([]byte(`[{"name": "` + name + `"}]`)); err == nil {
			t.Errorf("%q is taken", name)
		}
	}
}

func FuzzUnpackSet(f *testing.F) {
	f.Add([]byte("manifest.json"))
	f.Fuzz(func(t *testing.T, archive []byte) {
		dir := t.TempDir()
		_ = unpackSet(bytes.NewReader(archive), dir)
		entries, err := filepath.Glob(filepath.Join(filepath.Dir(dir), "*.jar"))
		if err != nil || len(entries) != 0 {
			t.Errorf("it wrote beside its folder: %v, %v", entries, err)
		}
	})
}
