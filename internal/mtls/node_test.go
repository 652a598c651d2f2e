package mtls

import (
	"crypto/x509"
	"strings"
	"testing"

	"github.com/headrace/headrace/internal/errs"
)

func TestNodeOf_OneNodeOrNone(t *testing.T) {
	for name, c := range map[string]struct {
		dns  []string
		node string
		says string
	}{
		"one":            {[]string{Agent, "node-1.node.headrace"}, "node-1", ""},
		"one with dots":  {[]string{Agent, "n_1.rack-a.example.node.headrace", "10-0-1-1.example"}, "n_1.rack-a.example", ""},
		"in upper case":  {[]string{Agent, "Node-1.NODE.headrace"}, "node-1", ""},
		"none":           {[]string{Agent}, "", "headrace tls issue --role agent"},
		"only a role":    {[]string{"node.headrace"}, "", "names no node"},
		"two":            {[]string{Agent, "a.node.headrace", "b.node.headrace"}, "", "2 nodes"},
		"a wildcard":     {[]string{Agent, "*.node.headrace"}, "", "lower-case letters"},
		"an empty name":  {[]string{Agent, ".node.headrace"}, "", "lower-case letters"},
		"a longer name":  {[]string{Agent, strings.Repeat("a", 64) + ".node.headrace"}, "", "1 to 63"},
		"begins with -":  {[]string{Agent, "-a.node.headrace"}, "", "lower-case letters"},
		"a foreign name": {[]string{Agent, "a.node.headrace.example"}, "", "names no node"},
	} {
		node, err := NodeOf(&x509.Certificate{DNSNames: c.dns})
		if node != c.node || (err == nil) != (c.says == "") {
			t.Errorf("%s: node %q, %v", name, node, err)
		}
		if err != nil && (!errs.Is(err, errs.Forbidden) || !strings.Contains(err.Error(), c.says)) {
			t.Errorf("%s: %v does not say %q", name, err, c.says)
		}
	}
}
