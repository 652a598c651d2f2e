package lifecycle

import (
	"flag"
	"os"
	"testing"
)

// TestMain makes the comparison longer than rapid does by itself, unless the command line says how long.
func TestMain(m *testing.M) {
	flag.Parse()
	said := map[string]bool{}
	flag.Visit(func(f *flag.Flag) { said[f.Name] = true })
	for name, value := range map[string]string{"rapid.checks": "1500", "rapid.steps": "80"} {
		if !said[name] {
			_ = flag.Set(name, value)
		}
	}
	os.Exit(m.Run())
}
