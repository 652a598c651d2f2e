package wire

import (
	"reflect"

	"github.com/headrace/headrace/fsm/state"
	eventv1 "github.com/headrace/headrace/proto/headrace/event/v1"
)

// surroundings makes the message of what an application's workers run in; nothing makes none, and so does each part.
func surroundings(s state.Surroundings) *eventv1.Surroundings {
	if reflect.ValueOf(s).IsZero() {
		return nil
	}
	m := &eventv1.Surroundings{Image: image(s.Image), DiskEncryption: diskEncryption(s.DiskEncryption), JobCostAllocation: s.JobCostAllocation}
	for _, w := range s.WorkerImages {
		m.WorkerImages = append(m.WorkerImages, &eventv1.WorkerImage{WorkerType: w.WorkerType, Image: image(&w.Image)})
	}
	if s.Network != nil {
		m.Network = &eventv1.Network{SubnetIds: s.Network.SubnetIDs, SecurityGroupIds: s.Network.SecurityGroupIDs}
	}
	if i := s.Interactive; i != nil {
		m.Interactive = &eventv1.Interactive{StudioEnabled: i.Studio, LivyEndpointEnabled: i.Livy, SessionEnabled: i.Session}
	}
	if s.IdentityCenter != nil {
		m.IdentityCenter = &eventv1.IdentityCenter{InstanceArn: s.IdentityCenter.InstanceARN,
			UserBackgroundSessionsEnabled: s.IdentityCenter.BackgroundSessions}
	}
	return m
}

func surroundingsOf(m *eventv1.Surroundings) (s state.Surroundings) {
	if m == nil {
		return s
	}
	s = state.Surroundings{Image: imageOf(m.GetImage()), DiskEncryption: diskEncryptionOf(m.GetDiskEncryption()), JobCostAllocation: m.JobCostAllocation}
	for _, w := range m.GetWorkerImages() {
		s.WorkerImages = append(s.WorkerImages, state.WorkerImage{WorkerType: w.GetWorkerType(), Image: *imageOf(w.GetImage())})
	}
	if n := m.GetNetwork(); n != nil {
		s.Network = &state.Network{SubnetIDs: n.GetSubnetIds(), SecurityGroupIDs: n.GetSecurityGroupIds()}
	}
	if i := m.GetInteractive(); i != nil {
		s.Interactive = &state.Interactive{Studio: i.StudioEnabled, Livy: i.LivyEndpointEnabled, Session: i.SessionEnabled}
	}
	if i := m.GetIdentityCenter(); i != nil {
		s.IdentityCenter = &state.IdentityCenter{InstanceARN: i.GetInstanceArn(), BackgroundSessions: i.UserBackgroundSessionsEnabled}
	}
	return s
}

func image(i *state.Image) *eventv1.Image {
	if i == nil {
		return nil
	}
	return &eventv1.Image{Uri: i.URI, ApplicationLevelDigestResolution: i.ResolveOnce}
}

func imageOf(m *eventv1.Image) *state.Image {
	if m == nil {
		return nil
	}
	return &state.Image{URI: m.GetUri(), ResolveOnce: m.ApplicationLevelDigestResolution}
}

func diskEncryption(d *state.DiskEncryption) *eventv1.DiskEncryption {
	if d == nil {
		return nil
	}
	return &eventv1.DiskEncryption{Context: d.Context, KeyArn: d.KeyARN}
}

func diskEncryptionOf(m *eventv1.DiskEncryption) *state.DiskEncryption {
	if m == nil {
		return nil
	}
	return &state.DiskEncryption{Context: m.GetContext(), KeyARN: m.GetKeyArn()}
}
