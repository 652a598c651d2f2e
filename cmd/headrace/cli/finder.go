package cli

import (
	"context"
	"regexp"
	"strings"

	"github.com/headrace/headrace/cmd/headrace/client"
	"github.com/headrace/headrace/internal/errs"
	controlv1 "github.com/headrace/headrace/proto/headrace/control/v1"
)

// The bounds of a search. A beginning that is too short would soon be that of another id.
const (
	minBeginning    = 4 // characters of an id
	minKeyBeginning = 8 // of that of an access key: all of them begin with the same four
	maxFound        = 6 // answers of a call; more are not shown
)

// finder finds the ids of what words mean, with at most three questions for a word, each of as many
// pages as its answer has.
type finder struct {
	ctx context.Context //nolint:containedctx // it lives as long as one command
	cl  *client.Client
}

// application returns the id of the application with a name, or whose id begins with a word. The name wins.
func (f *finder) application(word string) (string, error) {
	if parts := arnForm.FindStringSubmatch(word); parts != nil {
		return parts[1], nil
	}
	if word == "" { // as a filter it would mean all
		return "", several("application", word, minBeginning, nil)
	}
	found, err := f.applications(&controlv1.ListApplicationsRequest{Name: word})
	if err == nil && len(found) == 0 && len(word) >= minBeginning {
		found, err = f.applications(&controlv1.ListApplicationsRequest{IdPrefix: word})
	}
	if err != nil {
		return "", err
	}
	var candidates []string
	for _, a := range found {
		if a.GetApplicationId() == word {
			return word, nil
		}
		candidates = append(candidates, titled(a.GetSpec().GetName(), a.GetApplicationId())+", which is "+a.GetState())
	}
	if len(found) == 1 {
		return found[0].GetApplicationId(), nil
	}
	return "", several("application", word, minBeginning, candidates)
}

// applications returns what a request asks for. A server of an older version answers more than that.
func (f *finder) applications(r *controlv1.ListApplicationsRequest) (found []*controlv1.Application, err error) {
	r.MaxResults = maxFound
	answer, err := applications(f.cl).ListApplications(f.ctx, r)
	for _, a := range answer.GetApplications() {
		if matches(r.GetName(), a.GetSpec().GetName(), r.GetIdPrefix(), a.GetApplicationId()) {
			found = append(found, a)
		}
	}
	return found, err
}

// jobRun returns the ids of a run and its application. The words are JOB_RUN or APPLICATION JOB_RUN; a run is given by
// its id, by how that begins, or as the last one of the caller.
func (f *finder) jobRun(words []string) ([]string, error) {
	run := words[len(words)-1]
	r := &controlv1.ListJobRunsRequest{IdPrefix: run, MaxResults: maxFound}
	if len(words) == 2 {
		id, err := f.applicationOf(words[0])
		if err != nil {
			return words, err
		}
		r.ApplicationId = id
	}
	if run == lastRun {
		return f.last(r)
	}
	if len(run) < minBeginning {
		return words, several("job run", run, minBeginning, nil)
	}
	found, err := f.runs(r)
	if err != nil {
		return words, err
	}
	return oneRun(run, found)
}

// runs returns the first runs that a request asks for, as many as it says. A page may be short, or empty, though others
// follow.
func (f *finder) runs(r *controlv1.ListJobRunsRequest) ([]*controlv1.JobRun, error) {
	return pages(int(r.GetMaxResults()), func(token string) ([]*controlv1.JobRun, string, error) {
		r.NextToken = token
		page, err := jobRuns(f.cl).ListJobRuns(f.ctx, r)
		return page.GetJobRuns(), page.GetNextToken(), err
	})
}

// applicationOf returns the id of the application that a word means, as an id or otherwise.
func (f *finder) applicationOf(word string) (string, error) {
	answer, err := applications(f.cl).GetApplication(f.ctx, &controlv1.GetApplicationRequest{ApplicationId: word})
	if errs.Is(err, errs.NotFound) {
		return f.application(word)
	}
	return answer.GetApplication().GetApplicationId(), err
}

// last returns the last run that the caller submitted.
func (f *finder) last(r *controlv1.ListJobRunsRequest) ([]string, error) {
	r.IdPrefix = ""
	r.Mine = true
	r.MaxResults = 1
	found, err := f.runs(r)
	if err != nil {
		return nil, err
	}
	for _, run := range found {
		return []string{run.GetApplicationId(), run.GetJobRunId()}, nil
	}
	return nil, errs.New(errs.NotFound, "there is no last job run: you submitted none that the cluster still knows")
}

// oneRun returns the ids of the only run whose id begins with a word, or of the one whose id it is.
func oneRun(word string, found []*controlv1.JobRun) ([]string, error) {
	var candidates []string
	for _, run := range found {
		if !strings.HasPrefix(run.GetJobRunId(), word) {
			continue
		}
		ids := []string{run.GetApplicationId(), run.GetJobRunId()}
		if run.GetJobRunId() == word || len(found) == 1 {
			return ids, nil
		}
		name := titled(run.GetSpec().GetName(), run.GetJobRunId())
		candidates = append(candidates, name+", which is "+run.GetState())
	}
	return nil, several("job run", word, minBeginning, candidates)
}

// several says that a word means nothing, or more than one thing. The beginning of an id has least characters at least.
func several(what, word string, least int, candidates []string) error {
	switch {
	case len(candidates) == 0 && len(word) < least:
		return errs.New(errs.NotFound, "there is no %s %q; the beginning of an id needs %d characters", what, word,
			least)
	case len(candidates) == 0:
		return errs.New(errs.NotFound, "there is no %s %q", what, word)
	case len(candidates) >= maxFound:
		candidates = append(candidates[:maxFound-1:maxFound-1], "and more")
	}
	return errs.Field(what, "%q may be any of these, give the id:\n  %s", word, strings.Join(candidates, "\n  "))
}

// subjects puts ids where a watch names what it is about in another way. A whole id stays as it is: a watch may be
// about what is gone. Events have ids alone, so another word that means nothing would be waited for in vain.
func (f *finder) subjects(r *controlv1.WatchEventsRequest) error {
	for _, of := range []struct {
		word *string
		find func(string) (string, error)
	}{
		{&r.ApplicationId, f.application},
		{&r.JobRunId, f.jobRunAlone},
		{&r.NodeId, f.node},
	} {
		if *of.word == "" || idForm.MatchString(*of.word) {
			continue
		}
		id, err := of.find(*of.word)
		if err != nil {
			return err
		}
		*of.word = id
	}
	return nil
}

// idForm matches what can only be a whole id.
var idForm = regexp.MustCompile(`^[0-9a-z]{26}$`)

func (f *finder) jobRunAlone(word string) (string, error) {
	words, isARN := ofARN(aRunOnly, []string{word})
	if !isARN {
		var err error
		if words, err = f.jobRun([]string{word}); err != nil {
			return "", err
		}
	}
	return words[1], nil
}

// node returns the id of the node with an id or a name.
func (f *finder) node(word string) (string, error) {
	answer, err := nodes(f.cl).GetNode(f.ctx, &controlv1.GetNodeRequest{NodeId: word})
	if errs.Is(err, errs.NotFound) {
		return f.nodeAgain(word)
	}
	return answer.GetNode().GetNodeId(), err
}
