package command

import (
	"crypto/sha256"
	"fmt"

	"google.golang.org/protobuf/proto"

	"github.com/headrace/headrace/fsm/state"
	eventv1 "github.com/headrace/headrace/proto/headrace/event/v1"
)

// launched makes the content of what workers are started with; nil for nothing.
func launched(launch *eventv1.Launch) *eventv1.Content {
	if launch == nil {
		return nil
	}
	return digested(&eventv1.Content{Content: &eventv1.Content_Launch{Launch: launch}})
}

// inheritance makes the content of what a run takes over from its application; nil for nothing.
func inheritance(settings *eventv1.Settings) *eventv1.Content {
	if settings == nil {
		return nil
	}
	return digested(&eventv1.Content{Content: &eventv1.Content_Settings{Settings: settings}})
}

// digested gives a content its digest.
func digested(content *eventv1.Content) *eventv1.Content {
	encoded, err := proto.MarshalOptions{Deterministic: true}.Marshal(content)
	if err != nil {
		panic(fmt.Sprintf("a content cannot be encoded: %v", err)) // its texts were found to be texts
	}
	digest := sha256.Sum256(encoded)
	content.Digest = digest[:]
	return content
}

// name returns the digest by which a run names a content, and brings the content along unless it is there. Nil is no content.
func name(view *state.View, submitted *eventv1.JobRunSubmitted, content *eventv1.Content) []byte {
	if content == nil {
		return nil
	}
	if view.Content(state.ContentKey(content.GetDigest())) == nil {
		submitted.Contents = append(submitted.Contents, content)
	}
	return content.GetDigest()
}
