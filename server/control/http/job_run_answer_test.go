package http

import (
	"strings"
	"testing"
	"time"

	"google.golang.org/protobuf/types/known/timestamppb"

	controlv1 "github.com/headrace/headrace/proto/headrace/control/v1"
	specv1 "github.com/headrace/headrace/proto/headrace/spec/v1"
)

func TestA12_AJobRunShowsItsAttemptInListsAndItsPlatform(t *testing.T) {
	r := &controlv1.JobRun{
		AttemptCreatedAt:   timestamppb.New(time.Unix(7, 0)),
		AttemptUpdatedAt:   timestamppb.New(time.Unix(9, 0)),
		Network:            specv1.Network_builder{SubnetIds: []string{"subnet-1"}}.Build(),
		QueuedMilliseconds: 90_001,
		Image:              specv1.Image_builder{Uri: new("a@sha256:0")}.Build(),
	}
	short := string(jobRunSummary(r).AppendJSON(nil))
	for _, member := range []string{`"attemptCreatedAt":7`, `"attemptUpdatedAt":9`} {
		if !strings.Contains(short, member) {
			t.Errorf("a list lacks %s: %s", member, short)
		}
	}
	whole := string(jobRun(r, &controlv1.Attempt{}).AppendJSON(nil))
	for _, member := range []string{
		`"networkConfiguration":{"subnetIds":["subnet-1"]}`, `"resolvedImageDigest":"sha256:0"`,
		`"queuedDurationMilliseconds":90001`,
	} {
		if !strings.Contains(whole, member) {
			t.Errorf("a run lacks %s: %s", member, whole)
		}
	}
}
