package dispatch

import (
	"testing"

	"github.com/headrace/headrace/internal/errs"
	agentv1 "github.com/headrace/headrace/proto/headrace/agent/v1"
)

func TestD2_WhatNodesDoIsKnownToTheLeaderWhileTheirSessionsStand(t *testing.T) {
	d := New(Config{})
	if d.Progress("n") != nil {
		t.Error("a server that does not lead knows something")
	}
	l := &leadership{dispatch: d, sessions: map[string]*session{}}
	d.leadership.Store(l)
	s := &session{node: "n", leadership: l}
	l.sessions["n"] = s
	said := &agentv1.Progress{Drivers: []*agentv1.SparkProgress{{JobRunId: "r", Stages: 7}}}
	if err := s.take(&agentv1.SessionRequest{Message: &agentv1.SessionRequest_Progress{Progress: said}}); err != nil {
		t.Fatal(err)
	}
	if d.Progress("n") != said || d.Progress("other") != nil {
		t.Errorf("it says %v, another one %v", d.Progress("n"), d.Progress("other"))
	}
	l.remove(s)
	if d.Progress("n") != nil {
		t.Error("it is known after the session")
	}
	if err := s.takeProgress(said); err != nil || d.Progress("n") != nil {
		t.Errorf("what came late is known: %v, %v", d.Progress("n"), err)
	}
}

func TestD2_ANodeThatSaysTooMuchLosesItsSession(t *testing.T) {
	for _, said := range []*agentv1.Progress{
		{Copies: make([]*agentv1.ReleaseCopy, maxCopies+1)},
		{Drivers: make([]*agentv1.SparkProgress, maxDriverProgress+1)},
	} {
		s := &session{node: "n", leadership: &leadership{}}
		err := s.take(&agentv1.SessionRequest{Message: &agentv1.SessionRequest_Progress{Progress: said}})
		if !errs.Is(err, errs.TooLarge) || s.progress.Load() != nil {
			t.Errorf("%d copies, %d drivers: %v", len(said.GetCopies()), len(said.GetDrivers()), err)
		}
	}
}
