package wire

import (
	"slices"

	"github.com/headrace/headrace/fsm/state"
	eventv1 "github.com/headrace/headrace/proto/headrace/event/v1"
	specv1 "github.com/headrace/headrace/proto/headrace/spec/v1"
)

// Certificate makes the message of a node's certificate; nil for none.
func Certificate(c state.NodeCertificate) *eventv1.NodeCertificate {
	if c == (state.NodeCertificate{}) {
		return nil
	}
	return &eventv1.NodeCertificate{Name: c.Name, Sha256: c.SHA256, IssuedUnixNano: state.Nano(c.Issued)}
}

// CertificateOf reads a node's certificate; no message is none.
func CertificateOf(m *eventv1.NodeCertificate) state.NodeCertificate {
	return state.NodeCertificate{Name: m.GetName(), SHA256: m.GetSha256(), Issued: state.Moment(m.GetIssuedUnixNano())}
}

// Disks lists the types of disk of a node: every node has the standard one, some have a shuffle-optimised one too.
func Disks(shuffle bool) []specv1.DiskType {
	disks := []specv1.DiskType{specv1.DiskType_DISK_TYPE_STANDARD}
	if shuffle {
		disks = append(disks, specv1.DiskType_DISK_TYPE_SHUFFLE_OPTIMIZED)
	}
	return disks
}

// DisksOf says whether a node with such disks has a shuffle-optimised one.
func DisksOf(disks []specv1.DiskType) (shuffle bool) {
	return slices.Contains(disks, specv1.DiskType_DISK_TYPE_SHUFFLE_OPTIMIZED)
}
