package deptest

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"slices"
	"testing"
)

// clocks are the functions of package time that ask a clock. Its values are welcome everywhere.
var clocks = []string{"Now", "Since", "Until", "After", "AfterFunc", "Tick", "NewTicker", "NewTimer", "Sleep"}

func TestPurePackages_AskNoClockAndStartNothing(t *testing.T) {
	for _, p := range packages(t) {
		if _, isPure := pure[p.name()]; !isPure {
			continue
		}
		for _, file := range p.GoFiles {
			findClocks(t, filepath.Join(p.Dir, file), p.name()+"/"+file)
		}
	}
}

func findClocks(t *testing.T, path, name string) {
	files := token.NewFileSet()
	file, err := parser.ParseFile(files, path, nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	ast.Inspect(file, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.SelectorExpr:
			if pkg, ok := n.X.(*ast.Ident); ok && pkg.Name == "time" && pkg.Obj == nil && slices.Contains(clocks, n.Sel.Name) {
				t.Errorf("%s:%d asks time.%s: the record's time and Meta.Now are handed in, so that a replay gives the same",
					name, files.Position(n.Pos()).Line, n.Sel.Name)
			}
		case *ast.GoStmt:
			t.Errorf("%s:%d starts a goroutine: a pure package is called, and returns", name, files.Position(n.Pos()).Line)
		}
		return true
	})
}
