package wire

import (
	"fmt"

	"google.golang.org/protobuf/proto"

	eventv1 "github.com/headrace/headrace/proto/headrace/event/v1"
)

// Event wraps a fact. It has one line per event.
func Event(fact proto.Message) *eventv1.Event {
	switch f := fact.(type) {
	case *eventv1.ClusterInitialized:
		return &eventv1.Event{Fact: &eventv1.Event_ClusterInitialized{ClusterInitialized: f}}
	case *eventv1.StateDigested:
		return &eventv1.Event{Fact: &eventv1.Event_StateDigested{StateDigested: f}}
	case *eventv1.RequestCompleted:
		return &eventv1.Event{Fact: &eventv1.Event_RequestCompleted{RequestCompleted: f}}
	case *eventv1.ApplicationCreated:
		return &eventv1.Event{Fact: &eventv1.Event_ApplicationCreated{ApplicationCreated: f}}
	case *eventv1.ApplicationStateChanged:
		return &eventv1.Event{Fact: &eventv1.Event_ApplicationStateChanged{ApplicationStateChanged: f}}
	case *eventv1.ApplicationUpdated:
		return &eventv1.Event{Fact: &eventv1.Event_ApplicationUpdated{ApplicationUpdated: f}}
	case *eventv1.ApplicationTagged:
		return &eventv1.Event{Fact: &eventv1.Event_ApplicationTagged{ApplicationTagged: f}}
	case *eventv1.ApplicationForgotten:
		return &eventv1.Event{Fact: &eventv1.Event_ApplicationForgotten{ApplicationForgotten: f}}
	case *eventv1.JobRunSubmitted:
		return &eventv1.Event{Fact: &eventv1.Event_JobRunSubmitted{JobRunSubmitted: f}}
	case *eventv1.JobRunQueued:
		return &eventv1.Event{Fact: &eventv1.Event_JobRunQueued{JobRunQueued: f}}
	case *eventv1.JobRunAdmitted:
		return &eventv1.Event{Fact: &eventv1.Event_JobRunAdmitted{JobRunAdmitted: f}}
	case *eventv1.JobRunCancelRequested:
		return &eventv1.Event{Fact: &eventv1.Event_JobRunCancelRequested{JobRunCancelRequested: f}}
	case *eventv1.JobRunEnded:
		return &eventv1.Event{Fact: &eventv1.Event_JobRunEnded{JobRunEnded: f}}
	case *eventv1.JobRunTagged:
		return &eventv1.Event{Fact: &eventv1.Event_JobRunTagged{JobRunTagged: f}}
	case *eventv1.AttemptCreated:
		return &eventv1.Event{Fact: &eventv1.Event_AttemptCreated{AttemptCreated: f}}
	case *eventv1.AttemptScheduled:
		return &eventv1.Event{Fact: &eventv1.Event_AttemptScheduled{AttemptScheduled: f}}
	case *eventv1.AttemptRunning:
		return &eventv1.Event{Fact: &eventv1.Event_AttemptRunning{AttemptRunning: f}}
	case *eventv1.AttemptReturned:
		return &eventv1.Event{Fact: &eventv1.Event_AttemptReturned{AttemptReturned: f}}
	case *eventv1.AttemptEnded:
		return &eventv1.Event{Fact: &eventv1.Event_AttemptEnded{AttemptEnded: f}}
	case *eventv1.WorkersPlaced:
		return &eventv1.Event{Fact: &eventv1.Event_WorkersPlaced{WorkersPlaced: f}}
	case *eventv1.WorkersAssigned:
		return &eventv1.Event{Fact: &eventv1.Event_WorkersAssigned{WorkersAssigned: f}}
	case *eventv1.WorkerRunning:
		return &eventv1.Event{Fact: &eventv1.Event_WorkerRunning{WorkerRunning: f}}
	case *eventv1.WorkerEnded:
		return &eventv1.Event{Fact: &eventv1.Event_WorkerEnded{WorkerEnded: f}}
	case *eventv1.SlotsReserved:
		return &eventv1.Event{Fact: &eventv1.Event_SlotsReserved{SlotsReserved: f}}
	case *eventv1.SlotsReady:
		return &eventv1.Event{Fact: &eventv1.Event_SlotsReady{SlotsReady: f}}
	case *eventv1.SlotsReleased:
		return &eventv1.Event{Fact: &eventv1.Event_SlotsReleased{SlotsReleased: f}}
	case *eventv1.NodeRegistered:
		return &eventv1.Event{Fact: &eventv1.Event_NodeRegistered{NodeRegistered: f}}
	case *eventv1.NodeLost:
		return &eventv1.Event{Fact: &eventv1.Event_NodeLost{NodeLost: f}}
	case *eventv1.NodeLosing:
		return &eventv1.Event{Fact: &eventv1.Event_NodeLosing{NodeLosing: f}}
	case *eventv1.NodeForgotten:
		return &eventv1.Event{Fact: &eventv1.Event_NodeForgotten{NodeForgotten: f}}
	case *eventv1.NodeJoined:
		return &eventv1.Event{Fact: &eventv1.Event_NodeJoined{NodeJoined: f}}
	case *eventv1.NodeApproved:
		return &eventv1.Event{Fact: &eventv1.Event_NodeApproved{NodeApproved: f}}
	case *eventv1.ReleaseAdded:
		return &eventv1.Event{Fact: &eventv1.Event_ReleaseAdded{ReleaseAdded: f}}
	case *eventv1.AccessKeyCreated:
		return &eventv1.Event{Fact: &eventv1.Event_AccessKeyCreated{AccessKeyCreated: f}}
	case *eventv1.AccessKeyRevoked:
		return &eventv1.Event{Fact: &eventv1.Event_AccessKeyRevoked{AccessKeyRevoked: f}}
	}
	panic(fmt.Sprintf("%T is not an event", fact))
}
