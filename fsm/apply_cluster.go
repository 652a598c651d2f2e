package fsm

import (
	"github.com/headrace/headrace/fsm/state"
	eventv1 "github.com/headrace/headrace/proto/headrace/event/v1"
)

func (a *applier) clusterInitialized(e *eventv1.ClusterInitialized) {
	a.must(a.tx.View().ID == "", "the cluster already is %s", a.tx.View().ID)
	a.tx.Initialize(e.GetClusterId(), e.GetAccountId(), e.GetRegion())
}

func (a *applier) requestCompleted(e *eventv1.RequestCompleted) {
	a.tx.PutRequest(state.Request{
		Key:         e.GetKey(),
		Fingerprint: e.GetFingerprint(),
		Resource:    e.GetResourceId(),
		Expires:     state.Moment(e.GetExpiresUnixNano()),
	})
}

func (a *applier) releaseAdded(e *eventv1.ReleaseAdded) {
	a.tx.PutRelease(state.Release{
		Label:         e.GetLabel(),
		Engine:        state.Engine(e.GetEngine()),
		EngineVersion: e.GetEngineVersion(),
		Digest:        e.GetDigest(),
		SizeBytes:     e.GetSizeBytes(),
		AddedBy:       e.GetAddedBy(),
	})
}
