package dispatch

import (
	"strings"
	"testing"
	"time"

	"github.com/headrace/headrace/internal/errs"
)

func TestGrants_AreForOneNodeOneFolderAndAWhile(t *testing.T) {
	g := Grants{Key: []byte("key")}
	now := time.Now()
	grant := g.Make("n", "applications/a/jobs/r/sparklogs", now)
	if err := g.Check(grant, "n", "applications/a/jobs/r/sparklogs", now.Add(GrantTime-2*time.Second)); err != nil {
		t.Error(err)
	}
	later, _, _ := strings.Cut(g.Make("n", "f", now.Add(time.Hour)), ".")
	_, signature, _ := strings.Cut(grant, ".")
	for name, c := range map[string]struct {
		with                Grants
		grant, node, folder string
		at                  time.Time
	}{
		"another node":      {g, grant, "m", "applications/a/jobs/r/sparklogs", now},
		"another folder":    {g, grant, "n", "applications/a/jobs/r", now},
		"the folder above":  {g, grant, "n", "applications", now},
		"too late":          {g, grant, "n", "applications/a/jobs/r/sparklogs", now.Add(GrantTime + time.Second)},
		"made longer":       {g, later + "." + signature, "n", "applications/a/jobs/r/sparklogs", now},
		"no grant":          {g, "", "n", "applications/a/jobs/r/sparklogs", now},
		"no signature":      {g, later + ".", "n", "applications/a/jobs/r/sparklogs", now},
		"another cluster's": {Grants{Key: []byte("other")}, grant, "n", "applications/a/jobs/r/sparklogs", now},
		"a long one":        {g, grant + strings.Repeat("x", maxGrant), "n", "applications/a/jobs/r/sparklogs", now},
	} {
		if err := c.with.Check(c.grant, c.node, c.folder, c.at); !errs.Is(err, errs.Forbidden) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
