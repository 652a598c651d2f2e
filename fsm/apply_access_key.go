package fsm

import (
	"github.com/headrace/headrace/fsm/state"
	eventv1 "github.com/headrace/headrace/proto/headrace/event/v1"
)

func (a *applier) accessKeyCreated(e *eventv1.AccessKeyCreated) {
	id := e.GetAccessKeyId()
	a.must(a.tx.View().AccessKey(id) == nil, "access key %s already is there", id)
	a.tx.PutAccessKey(state.AccessKey{
		ID:        id,
		User:      e.GetUser(),
		Sealed:    e.GetSealedSecret(),
		CreatedBy: e.GetCreatedBy(),
		Created:   a.now,
	})
}

func (a *applier) accessKeyRevoked(e *eventv1.AccessKeyRevoked) {
	id := e.GetAccessKeyId()
	a.must(a.tx.View().AccessKey(id) != nil, "access key %s is not there to be revoked", id)
	a.tx.RemoveAccessKey(id)
}
