package cli

import (
	"context"
	"strings"

	"github.com/spf13/cobra"

	"github.com/headrace/headrace/cmd/headrace/client"
	"github.com/headrace/headrace/internal/errs"
	controlv1 "github.com/headrace/headrace/proto/headrace/control/v1"
)

// search finds the id of what a word means that is no id.
type search func(f *finder, word string) (string, error)

// onNode makes a command take the beginning of a node's id where it takes its id or name. The shell offers the nodes.
func (s *shared) onNode(c *cobra.Command) *cobra.Command {
	return s.offers(s.one(c, nodeWords, (*finder).nodeAgain), offerNodes)
}

// onWorker makes a command take the beginning of a worker's id where it takes its id.
func (s *shared) onWorker(c *cobra.Command) *cobra.Command {
	return s.offers(s.one(c, workerWords, (*finder).workerAgain), offerWorkers)
}

// onAccessKey makes a command take the beginning of an access key's id, or the user who has this one key, where it
// takes its id.
func (s *shared) onAccessKey(c *cobra.Command) *cobra.Command {
	return s.offers(s.one(c, accessKeyWords, (*finder).accessKeyAgain), offerAccessKeys)
}

// one makes a command take more than ids as its first word, as named does: only what is not there is looked up.
func (s *shared) one(c *cobra.Command, words string, again search) *cobra.Command {
	meant(c, words)
	run := c.RunE
	c.RunE = func(c *cobra.Command, args []string) error {
		err := run(c, args)
		if !errs.Is(err, errs.NotFound) {
			return err
		}
		found, wrong := s.look(c.Context(), func(f *finder) ([]string, error) {
			id, err := again(f, args[0])
			return []string{id}, unlessNotFound(err)
		})
		if wrong != nil || found[0] == "" || found[0] == args[0] {
			return firstOf(wrong, err)
		}
		return run(c, append(found, args[1:]...))
	}
	return c
}

// candidate is something that a word may mean.
type candidate struct {
	id    string
	title string // for people
}

// only returns the id of the only candidate.
func only(what, word string, least int, found []candidate) (string, error) {
	if len(found) == 1 {
		return found[0].id, nil
	}
	var titles []string
	for _, c := range found {
		titles = append(titles, c.title)
	}
	return "", several(what, word, least, titles)
}

// nodeAgain returns the id of the node whose id begins with a word. A name that several nodes had is refused with them.
func (f *finder) nodeAgain(word string) (string, error) {
	if word == "" { // as a filter it would mean all
		return "", several("node", word, minBeginning, nil)
	}
	found, err := f.nodes(&controlv1.ListNodesRequest{Name: word})
	if err == nil && len(found) == 0 && len(word) >= minBeginning {
		found, err = f.nodes(&controlv1.ListNodesRequest{IdPrefix: word})
	}
	if err != nil {
		return "", err
	}
	return only("node", word, minBeginning, found)
}

// nodes returns what a request asks for. A server of an older version answers more than that.
func (f *finder) nodes(r *controlv1.ListNodesRequest) (found []candidate, err error) {
	r.MaxResults = maxFound
	answer, err := nodes(f.cl).ListNodes(f.ctx, r)
	for _, n := range answer.GetNodes() {
		title := titled(n.GetName(), n.GetNodeId()) + ", which is " + n.GetState()
		if matches(r.GetName(), n.GetName(), r.GetIdPrefix(), n.GetNodeId()) {
			found = append(found, candidate{n.GetNodeId(), title})
		}
	}
	return found, err
}

// matches says whether something was asked for: by its name, or by how its id begins; an empty one is any.
func matches(name, hasName, prefix, hasID string) bool {
	return (name == "" || name == hasName) && strings.HasPrefix(hasID, prefix)
}

// workerAgain returns the id of the worker whose id begins with a word.
func (f *finder) workerAgain(word string) (string, error) {
	if len(word) < minBeginning {
		return "", several("worker", word, minBeginning, nil)
	}
	r := &controlv1.ListWorkersRequest{IdPrefix: word, MaxResults: maxFound}
	all, err := pages(maxFound, func(token string) ([]*controlv1.Worker, string, error) {
		r.NextToken = token
		page, err := jobRuns(f.cl).ListWorkers(f.ctx, r)
		return page.GetWorkers(), page.GetNextToken(), err
	})
	if err != nil {
		return "", err
	}
	var found []candidate
	for _, w := range all {
		if !matches("", "", word, w.GetWorkerId()) {
			continue
		}
		title := w.GetWorkerId() + ", " + workerTitle(w) + ", which is " + w.GetState()
		found = append(found, candidate{w.GetWorkerId(), title})
	}
	return only("worker", word, minBeginning, found)
}

// workerTitle says which worker of its run a worker is.
func workerTitle(w *controlv1.Worker) string {
	if w.GetNumber() == 0 {
		return strings.ToLower(w.GetType()) + " of " + w.GetJobRunId()
	}
	return strings.ToLower(w.GetType()) + " " + number(int64(w.GetNumber())) + " of " + w.GetJobRunId()
}

// accessKeyAgain returns the id of the only access key of a user, or the one that begins with a word. The user wins.
func (f *finder) accessKeyAgain(word string) (string, error) {
	if word == "" { // as a filter it would mean all
		return "", several("access key", word, minKeyBeginning, nil)
	}
	found, err := f.accessKeys(&controlv1.ListAccessKeysRequest{User: word})
	if err == nil && len(found) == 0 && len(word) >= minKeyBeginning {
		found, err = f.accessKeys(&controlv1.ListAccessKeysRequest{IdPrefix: word})
	}
	if err != nil {
		return "", err
	}
	return only("access key", word, minKeyBeginning, found)
}

// accessKeys returns what a request asks for. A server of an older version answers more than that.
func (f *finder) accessKeys(r *controlv1.ListAccessKeysRequest) (found []candidate, err error) {
	r.MaxResults = maxFound
	answer, err := accessKeys(f.cl).ListAccessKeys(f.ctx, r)
	for _, k := range answer.GetAccessKeys() {
		if matches(r.GetUser(), k.GetUser(), r.GetIdPrefix(), k.GetAccessKeyId()) {
			found = append(found, candidate{k.GetAccessKeyId(), k.GetAccessKeyId() + " of " + k.GetUser()})
		}
	}
	return found, err
}

// offerNodes offers the nodes of the cluster by their names.
func offerNodes(ctx context.Context, cl *client.Client, begun string) []cobra.Completion {
	return searched(func(token string) (more []cobra.Completion, next string, err error) {
		page, err := nodes(cl).ListNodes(ctx, &controlv1.ListNodesRequest{NextToken: token, Stale: true})
		for _, n := range page.GetNodes() {
			if strings.HasPrefix(n.GetName(), begun) {
				more = append(more, offer(n.GetName(), n.GetZone(), n.GetState()))
			}
		}
		return more, page.GetNextToken(), err
	})
}

// offerWorkers offers the workers whose ids begin with what stands there; there are too many to offer them all.
func offerWorkers(ctx context.Context, cl *client.Client, begun string) (offers []cobra.Completion) {
	answer, _ := jobRuns(cl).ListWorkers(ctx, &controlv1.ListWorkersRequest{IdPrefix: begun, MaxResults: offered})
	for _, w := range answer.GetWorkers() {
		offers = append(offers, offer(w.GetWorkerId(), workerTitle(w), w.GetState()))
	}
	return offers
}

// offerAccessKeys offers the access keys whose ids begin with what stands there.
func offerAccessKeys(ctx context.Context, cl *client.Client, begun string) (offers []cobra.Completion) {
	request := &controlv1.ListAccessKeysRequest{IdPrefix: begun, MaxResults: offered}
	answer, _ := accessKeys(cl).ListAccessKeys(ctx, request)
	for _, k := range answer.GetAccessKeys() {
		offers = append(offers, offer(k.GetAccessKeyId(), k.GetUser(), ""))
	}
	return offers
}
