package control

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/headrace/headrace/fsm/state"
	"github.com/headrace/headrace/internal/errs"
	controlv1 "github.com/headrace/headrace/proto/headrace/control/v1"
)

// The bounds of surroundings (specification of the API, section 3); lengths in characters.
const (
	maxImage        = 1024
	maxSubnets      = 16
	maxGroups       = 5
	maxContext      = 8
	maxContextKey   = 128
	maxContextValue = 384
)

var (
	// imageReference is what any OCI registry takes: host, path, tag and digest.
	imageReference = regexp.MustCompile(`^(?:[A-Za-z0-9][A-Za-z0-9.-]*(?::[0-9]+)?/)?[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*(?:/[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*)*` +
		`(?::[A-Za-z0-9_][A-Za-z0-9._-]{0,127})?(?:@sha256:[0-9a-f]{64})?$`)
	networkName       = regexp.MustCompile(`^[-0-9a-zA-Z]+.{0,31}$`)
	directoryInstance = regexp.MustCompile(`^arn:(aws[a-zA-Z0-9-]*):sso:::instance/(sso)?ins-[a-zA-Z0-9.-]{16}$`)
)

// setSurroundings takes each part that is there.
func setSurroundings(spec *state.Application, r *controlv1.UpdateApplicationRequest) (err error) {
	m, s := r.GetSurroundings(), &spec.Surroundings
	if m.GetImage() != nil {
		if s.Image, err = imageOf("surroundings.image", m.GetImage()); err != nil {
			return err
		}
	}
	if m.GetWorkerImages() != nil {
		if s.WorkerImages, err = workerImagesOf(spec.Engine, m.GetWorkerImages()); err != nil {
			return err
		}
	}
	if m.GetNetwork() != nil {
		if s.Network, err = networkOf(m.GetNetwork()); err != nil {
			return err
		}
	}
	if m.GetDiskEncryption() != nil {
		if s.DiskEncryption, err = diskEncryptionOf("surroundings.disk_encryption", m.GetDiskEncryption()); err != nil {
			return err
		}
	}
	return setUsers(s, m)
}

// setUsers takes who may use an application how.
func setUsers(s *state.Surroundings, m *controlv1.Surroundings) error {
	if i := m.GetInteractive(); i != nil {
		if s.Interactive = nil; i.StudioEnabled != nil || i.LivyEndpointEnabled != nil || i.SessionEnabled != nil {
			s.Interactive = &state.Interactive{Studio: i.StudioEnabled, Livy: i.LivyEndpointEnabled, Session: i.SessionEnabled}
		}
	}
	if i := m.GetIdentityCenter(); i != nil {
		if arn := i.GetInstanceArn(); arn != "" && !directoryInstance.MatchString(arn) {
			return errs.Field("surroundings.identity_center.instance_arn", "%.80q is not the ARN of a directory, such as arn:aws:sso:::instance/ssoins-1234567890abcdef", arn)
		}
		if s.IdentityCenter = nil; i.GetInstanceArn() != "" || i.UserBackgroundSessionsEnabled != nil {
			s.IdentityCenter = &state.IdentityCenter{InstanceARN: i.GetInstanceArn(), BackgroundSessions: i.UserBackgroundSessionsEnabled}
		}
	}
	if m != nil && m.JobCostAllocation != nil {
		s.JobCostAllocation = m.JobCostAllocation
	}
	return nil
}

// imageOf takes an image of any registry; without a reference there is none.
func imageOf(field string, m *controlv1.Image) (*state.Image, error) {
	uri := m.GetUri()
	switch {
	case uri == "":
		return nil, nil
	case len(uri) > maxImage || !imageReference.MatchString(uri):
		return nil, errs.Field(field+".uri", "%.80q is not the reference of an image, such as registry.example.com:5000/spark/mine:7, of at most %d characters", uri, maxImage)
	}
	return &state.Image{URI: uri, ResolveOnce: m.ApplicationLevelDigestResolution}, nil
}

func workerImagesOf(engine state.Engine, m *controlv1.WorkerImages) (all []state.WorkerImage, err error) {
	seen := map[state.WorkerType]bool{}
	for i, entry := range m.GetEntries() {
		field := fmt.Sprintf("surroundings.worker_images[%d]", i)
		t, err := poolTypeOf(engine, entry.GetWorkerType())
		switch {
		case err != nil:
			return nil, errs.Field(field+".worker_type", "%w", err)
		case seen[t]:
			return nil, errs.Field(field+".worker_type", "%s stands twice; there is at most one entry per type", t)
		}
		seen[t] = true
		image, err := imageOf(field+".image", entry.GetImage())
		if err != nil {
			return nil, err
		}
		if image != nil {
			all = append(all, state.WorkerImage{WorkerType: entry.GetWorkerType(), Image: *image})
		}
	}
	return all, nil
}

func networkOf(m *controlv1.Network) (*state.Network, error) {
	subnets, groups := m.GetSubnetIds(), m.GetSecurityGroupIds()
	if err := checkNames("surroundings.network.subnet_ids", subnets, maxSubnets); err != nil {
		return nil, err
	}
	if err := checkNames("surroundings.network.security_group_ids", groups, maxGroups); err != nil {
		return nil, err
	}
	if len(subnets) == 0 && len(groups) == 0 {
		return nil, nil
	}
	return &state.Network{SubnetIDs: subnets, SecurityGroupIDs: groups}, nil
}

func checkNames(field string, names []string, most int) error {
	if len(names) > most {
		return errs.Field(field, "%d names are more than %d", len(names), most)
	}
	for i, name := range names {
		if utf8.RuneCountInString(name) > 32 || !networkName.MatchString(name) || strings.IndexByte(name, 0) >= 0 {
			return errs.Field(fmt.Sprintf("%s[%d]", field, i), "%.80q is not 1 to 32 characters that begin with one of A-Z a-z 0-9 -", name)
		}
		if err := checkPrintable(fmt.Sprintf("%s[%d]", field, i), "", name); err != nil {
			return err
		}
	}
	return nil
}

// diskEncryptionOf takes how disks are encrypted; without words and key nothing was said.
func diskEncryptionOf(field string, m *controlv1.DiskEncryption) (*state.DiskEncryption, error) {
	if len(m.GetContext()) == 0 && m.GetKeyArn() == "" {
		return nil, nil
	}
	if n := len(m.GetContext()); n > maxContext {
		return nil, errs.Field(field+".context", "%d words are more than %d", n, maxContext)
	}
	for _, key := range slices.Sorted(maps.Keys(m.GetContext())) {
		if strings.IndexByte(key, 0) >= 0 || strings.IndexByte(m.GetContext()[key], 0) >= 0 {
			return nil, errs.Field(field+".context", "the word %.40q holds a zero byte", key)
		}
		if n := utf8.RuneCountInString(key); n < 1 || n > maxContextKey {
			return nil, errs.Field(field+".context", "the key %.40q has %d characters, not 1 to %d", key, n, maxContextKey)
		}
		if n := utf8.RuneCountInString(m.GetContext()[key]); n < 1 || n > maxContextValue {
			return nil, errs.Field(field+".context", "the value of %q has %d characters, not 1 to %d", key, n, maxContextValue)
		}
		for _, text := range []string{key, m.GetContext()[key]} {
			if err := checkPrintable(field+".context", fmt.Sprintf("%.40q: ", key), text); err != nil {
				return nil, err
			}
		}
	}
	if err := checkKey(field+".key_arn", m.GetKeyArn()); err != nil {
		return nil, err
	}
	return &state.DiskEncryption{Context: m.GetContext(), KeyARN: m.GetKeyArn()}, nil
}
