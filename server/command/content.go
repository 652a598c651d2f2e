package command

import (
	"crypto/sha256"
	"fmt"

	"google.golang.org/protobuf/proto"

	"github.com/headrace/headrace/fsm/state"
	eventv1 "github.com/headrace/headrace/proto/headrace/event/v1"
)

// launched makes a content of what workers are started with; nil gives nil.
func launched(launch *eventv1.Launch) *eventv1.Content {
	if launch == nil {
		return nil
	}
	return digested(&eventv1.Content{Content: &eventv1.Content_Launch{Launch: launch}})
}

// inheritance makes a content of what a run inherits from its application; nil gives nil.
func inheritance(settings *eventv1.Settings) *eventv1.Content {
	if settings == nil {
		return nil
	}
	return digested(&eventv1.Content{Content: &eventv1.Content_Settings{Settings: settings}})
}

// digested gives a content its digest, which is that of its encoding.
func digested(content *eventv1.Content) *eventv1.Content {
	encoded, err := proto.MarshalOptions{Deterministic: true}.Marshal(content)
	if err != nil {
		panic(fmt.Sprintf("a content cannot be encoded: %v", err)) // its texts were found to be texts
	}
	digest := sha256.Sum256(encoded)
	content.Digest = digest[:]
	return content
}

// name returns the digest by which a run names a content, and adds the content to the run's event unless the state has
// it. For nil it returns nil.
func name(view *state.View, submitted *eventv1.JobRunSubmitted, content *eventv1.Content) []byte {
	if content == nil {
		return nil
	}
	if view.Content(state.ContentKey(content.GetDigest())) == nil {
		submitted.Contents = append(submitted.Contents, content)
	}
	return content.GetDigest()
}
