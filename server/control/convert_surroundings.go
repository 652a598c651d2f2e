package control

import (
	"reflect"

	"github.com/headrace/headrace/fsm/state"
	controlv1 "github.com/headrace/headrace/proto/headrace/control/v1"
)

// surroundings shows what an application's workers run in; nil when nothing was said.
func surroundings(s state.Surroundings) *controlv1.Surroundings {
	if reflect.ValueOf(s).IsZero() {
		return nil
	}
	m := &controlv1.Surroundings{Image: image(s.Image), DiskEncryption: diskEncryption(s.DiskEncryption), JobCostAllocation: s.JobCostAllocation}
	for _, w := range s.WorkerImages {
		if m.WorkerImages == nil {
			m.WorkerImages = &controlv1.WorkerImages{}
		}
		m.WorkerImages.Entries = append(m.WorkerImages.Entries, &controlv1.WorkerImage{WorkerType: w.WorkerType, Image: image(&w.Image)})
	}
	if s.Network != nil {
		m.Network = &controlv1.Network{SubnetIds: s.Network.SubnetIDs, SecurityGroupIds: s.Network.SecurityGroupIDs}
	}
	if i := s.Interactive; i != nil {
		m.Interactive = &controlv1.Interactive{StudioEnabled: i.Studio, LivyEndpointEnabled: i.Livy, SessionEnabled: i.Session}
	}
	if s.IdentityCenter != nil {
		m.IdentityCenter = &controlv1.IdentityCenter{InstanceArn: s.IdentityCenter.InstanceARN,
			UserBackgroundSessionsEnabled: s.IdentityCenter.BackgroundSessions}
	}
	return m
}

func image(i *state.Image) *controlv1.Image {
	if i == nil {
		return nil
	}
	return &controlv1.Image{Uri: i.URI, ApplicationLevelDigestResolution: i.ResolveOnce}
}

func diskEncryption(d *state.DiskEncryption) *controlv1.DiskEncryption {
	if d == nil {
		return nil
	}
	return &controlv1.DiskEncryption{Context: d.Context, KeyArn: d.KeyARN}
}
