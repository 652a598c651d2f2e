package launch

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/headrace/headrace/agent/engine"
	"github.com/headrace/headrace/agent/guest"
)

func TestFiles_AreBounded(t *testing.T) {
	work := t.TempDir()
	own := filepath.Join(work, engine.OwnFolder)
	if err := os.MkdirAll(own, 0o700); err != nil {
		t.Fatal(err)
	}
	for i := range maxFiles + 20 {
		path := filepath.Join(own, string(rune('a'+i%26))+strings.Repeat("x", i/26))
		if err := os.WriteFile(path, []byte(strings.Repeat("k=v\n", maxFileText/4)), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	var user *guest.User
	folder, err := user.Folder(work)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = folder.Close() }()
	told := files(folder, nil, newRedaction(nil))
	total := 0
	for _, file := range told {
		total += len(file.GetContent())
	}
	if len(told) != maxFiles || total == 0 || total > maxFilesText {
		t.Errorf("%d files with %d bytes of text are told", len(told), total)
	}
}
