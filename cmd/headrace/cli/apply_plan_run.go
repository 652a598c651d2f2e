package cli

import (
	"context"
	"slices"
	"strings"

	"github.com/headrace/headrace/cmd/headrace/manifest"
	"github.com/headrace/headrace/internal/errs"
	controlv1 "github.com/headrace/headrace/proto/headrace/control/v1"
)

// The bounds of the search for a run that was applied before.
const (
	maxRuns = 1000 // the newest of the application
	maxSame = 50   // of the same name
)

// jobRun plans one job run.
func (p *planner) jobRun(ctx context.Context, d *manifest.JobRunDocument) (*step, error) {
	s := &step{
		kind:    manifest.KindJobRun,
		name:    d.Name,
		run:     d,
		action:  actStart,
		changes: d.All(),
	}
	if err := missingSecrets(d, d.Missing()); err != nil {
		return nil, err
	}
	owner, err := p.owner(d)
	if err != nil || owner == "" {
		s.note = "in " + d.Application + ", which is created first"
		return s, err
	}
	s.owner = owner
	s.note = "in " + d.Application
	before, err := p.started(ctx, d, owner)
	if err != nil || before == nil {
		return s, err
	}
	s.action = actNone
	s.changes = nil
	s.id = before.GetJobRunId()
	s.state = before.GetState()
	if before.GetSpec().GetTags()[manifest.MarkTag] != d.Mark(owner) {
		s.refused = "job run " + s.name + " was started as " + s.id +
			" with the same clientToken and other content: give it another clientToken"
	}
	return s, nil
}

// owner returns the id of a run's application; empty if the same files create it.
func (p *planner) owner(d *manifest.JobRunDocument) (string, error) {
	id, err := p.find(d.Where()+": ", d.Application)
	created := slices.ContainsFunc(p.set.Applications, func(a *manifest.ApplicationDocument) bool {
		return a.Name == d.Application
	})
	if errs.Is(err, errs.NotFound) && created {
		return "", nil
	}
	return id, err
}

// find returns the id of a live application by its id or its name; where begins its errors.
func (p *planner) find(where, word string) (string, error) {
	for _, a := range p.live {
		if a.GetApplicationId() == word {
			return word, nil
		}
	}
	switch found := p.called(word); len(found) {
	case 0:
		return "", errs.New(errs.NotFound, "%sthere is no application %q", where, word)
	case 1:
		return found[0].GetApplicationId(), nil
	default:
		return "", ambiguous(where, word, found)
	}
}

// started returns the run that was started for a document, by its mark; nil if there is none.
func (p *planner) started(ctx context.Context, d *manifest.JobRunDocument, owner string) (*controlv1.JobRun, error) {
	all, err := someJobRuns(ctx, p.cl, runFilter{application: owner}, maxRuns)
	if err != nil {
		return nil, err
	}
	same := 0
	for _, row := range all.GetJobRuns() {
		if row.GetSpec().GetName() != d.Name || same == maxSame {
			continue
		}
		same++
		answer, err := jobRuns(p.cl).GetJobRun(ctx, &controlv1.GetJobRunRequest{
			ApplicationId: owner,
			JobRunId:      row.GetJobRunId(),
		})
		if err != nil {
			return nil, err
		}
		mark := answer.GetJobRun().GetSpec().GetTags()[manifest.MarkTag]
		if token, _, _ := strings.Cut(mark, "/"); token == d.Token(owner) {
			return answer.GetJobRun(), nil
		}
	}
	return nil, nil //nolint:nilnil // it was not started
}
