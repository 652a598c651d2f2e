package command

import (
	"slices"
	"time"

	"github.com/headrace/headrace/fsm/state"
	"github.com/headrace/headrace/internal/errs"
)

// checkCertificate holds that the certificate is for this node.
func (c *RegisterNode) checkCertificate(*state.View) error {
	if proved := c.Node.Certificate.Name; proved != "" && proved != c.Node.Name {
		return errs.New(errs.Forbidden,
			"cannot register node %q: the certificate is for node %q; set node_name to that, or issue another "+
				"certificate: headrace tls issue --role agent --name %s",
			c.Node.Name, proved, c.Node.Name)
	}
	return nil
}

// checkID holds that an id belongs to the certificate that it came with. If a node joined without a certificate, before
// there was TLS, it belongs to the first certificate of its name.
func (c *RegisterNode) checkID(view *state.View) error {
	old := view.Node(c.Node.ID)
	if old == nil || old.Certificate == c.Node.Certificate {
		return nil
	}
	if err := c.succeeds(old); err != nil {
		return err
	}
	if c.Node.Certificate.Name != old.Name {
		return errs.New(errs.Forbidden,
			"cannot register node %q as %s: that id belongs to node %q, and the certificate is for %q; remove "+
				"node.json from data_dir, so that this machine gets an id of its own",
			c.Node.Name, old.ID, old.Name, c.Node.Certificate.Name)
	}
	return nil
}

// checkName holds that a name belongs to one node, because people use names and certificates carry them. If the node
// with that name is lost, the machine that replaces it may take the name.
func (c *RegisterNode) checkName(view *state.View) error {
	for other := range c.namesakes(view) {
		if other.Here() {
			return errs.New(errs.Conflict,
				"cannot register node %q as %s: it is here as %s; give each machine a name and a certificate of its "+
					"own, or wait until that one is LOST",
				c.Node.Name, c.Node.ID, other.ID)
		}
		if err := c.succeeds(other); err != nil {
			return err
		}
		if other.State == state.NodeLosing {
			return errs.New(errs.Unavailable,
				"cannot register node %q as %s yet: it is being lost as %s; trying again helps",
				c.Node.Name, c.Node.ID, other.ID)
		}
		if n := len(slices.Collect(view.LiveWorkersOfNode(other.ID))); n > 0 {
			return errs.New(errs.WrongState,
				"cannot register node %q as %s: it was lost as %s, where %d workers may go on that were to outlive "+
					"its lease; `headrace node forget %s` ends them",
				c.Node.Name, c.Node.ID, other.ID, n, other.ID)
		}
	}
	return nil
}

// namesakes yields the nodes with other ids that have this node's name.
func (c *RegisterNode) namesakes(view *state.View) func(func(*state.Node) bool) {
	return func(yield func(*state.Node) bool) {
		for other := range view.NodesNamed(c.Node.Name) {
			if other.ID != c.Node.ID && !yield(other) {
				return
			}
		}
	}
}

// succeeds holds that the certificate may replace that of a known node: it must have the same name and must not be
// older. So an operator who issues a new certificate shuts out a thief of the old one.
func (c *RegisterNode) succeeds(old *state.Node) error {
	had := old.Certificate
	has := c.Node.Certificate
	switch {
	case had.Name == "":
		return nil
	case has.Name == "":
		return errs.New(errs.Forbidden,
			"cannot register node %q without a certificate: %s belongs to the one of %q; configure tls in the agent "+
				"and the servers",
			c.Node.Name, old.ID, had.Name)
	case has.Name != had.Name:
		return errs.New(errs.Forbidden,
			"cannot register node %q as %s: that id belongs to the certificate of %q, and this one is for %q; remove "+
				"node.json from data_dir, so that this machine gets an id of its own",
			c.Node.Name, old.ID, had.Name, has.Name)
	case has.Issued.Before(had.Issued):
		return errs.New(errs.Forbidden,
			"cannot register node %q: its certificate of %s was replaced by one of %s, which %s has used; use that, "+
				"or issue a new one",
			c.Node.Name, issued(has), issued(had), old.ID)
	}
	return nil
}

// issued says when a certificate begins to hold.
func issued(c state.NodeCertificate) string { return c.Issued.Format(time.RFC3339) }
