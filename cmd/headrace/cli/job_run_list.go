package cli

import (
	"cmp"
	"context"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/headrace/headrace/cmd/headrace/client"
	"github.com/headrace/headrace/cmd/headrace/output"
	controlv1 "github.com/headrace/headrace/proto/headrace/control/v1"
)

// runFilter says which runs are listed.
type runFilter struct {
	application string
	states      []string
	mode        string
	after       *timestamppb.Timestamp
	before      *timestamppb.Timestamp
	name        string
	tags        map[string]string
	mine        bool
	idPrefix    string
}

// set sets the tags of the runs, and between which times they were submitted; an empty text is no bound.
func (f *runFilter) set(labels []string, after, before string, now time.Time) (err error) {
	f.states = capitals(f.states)
	f.mode = strings.ToUpper(f.mode)
	if f.tags, err = tags("--tag", labels); err != nil {
		return err
	}
	if f.after, err = timeOf("created-after", after, now); err != nil {
		return err
	}
	f.before, err = timeOf("created-before", before, now)
	return err
}

func listJobRuns(s *shared) *cobra.Command {
	var filter runFilter
	var after, before string
	var labels []string
	var limit int
	c := &cobra.Command{
		Use:   "list [APPLICATION]",
		Short: "List job runs, of an application or of all, newest first",
		Args:  between(0, "APPLICATION"),
		Example: "  headrace job-run list --state running,pending --mine\n" +
			"  headrace job-run list reports --created-after 24h --mode STREAMING --tag team=data",
		RunE: func(c *cobra.Command, args []string) error {
			const doing = "list job runs"
			filter.application = strings.Join(args, "")
			if err := filter.set(labels, after, before, s.Now()); err != nil {
				return fail(doing, err)
			}
			return s.call(doing, func(cl *client.Client) error {
				answer, err := someJobRuns(c.Context(), cl, filter, oneMore(limit))
				if err == nil {
					err = s.cutRuns(answer, limit)
				}
				if err != nil {
					return fail(doing, err)
				}
				return s.print(answer, func() error { return writeJobRuns(s, answer.GetJobRuns(), len(args) == 0) })
			})
		},
	}
	filter.bind(c)
	flags := c.Flags()
	flags.StringArrayVar(&labels, "tag", nil, "only those with this tag, KEY=VALUE; may be repeated")
	flags.StringVar(&after, "created-after", "",
		"only what was submitted after this time: 2026-03-14T15:00:00Z, 2026-03-14, or 24h for a day ago")
	flags.StringVar(&before, "created-before", "", "only what was submitted before this time")
	flags.IntVar(&limit, "max", 50, "at most so many; 0: all")
	return c
}

// oneMore returns how many runs to ask for, so that it is known whether there are more than are shown.
func oneMore(limit int) int {
	if limit <= 0 {
		return 0
	}
	return limit + 1
}

// cutRuns cuts runs to a limit, and says so if there are more.
func (s *shared) cutRuns(answer *controlv1.ListJobRunsResponse, limit int) error {
	if limit <= 0 || len(answer.GetJobRuns()) <= limit {
		return nil
	}
	answer.JobRuns = answer.JobRuns[:limit]
	return output.Line(s.Err, "these are the %d newest; --max 0 shows all", limit)
}

// bind adds the flags of states, modes, names and users.
func (f *runFilter) bind(c *cobra.Command) {
	flags := c.Flags()
	flags.StringSliceVar(&f.states, "state", nil, "only these states, such as RUNNING; by default all")
	flags.StringVar(&f.name, "name", "", "only those with this name")
	flags.BoolVar(&f.mine, "mine", false, "only what you submitted")
	flags.StringVar(&f.mode, "mode", "", "only BATCH or only STREAMING; by default both")
	complete(c, "mode", "BATCH", "STREAMING")
	complete(
		c,
		"state",
		"SUBMITTED",
		"QUEUED",
		"PENDING",
		"SCHEDULED",
		"RUNNING",
		"CANCELLING",
		"SUCCESS",
		"FAILED",
		"CANCELLED",
	)
}

// timeOf reads a time, a day, or how long ago it was; nothing for an empty text.
func timeOf(flag, text string, now time.Time) (*timestamppb.Timestamp, error) {
	if text == "" {
		return nil, nil //nolint:nilnil // no bound
	}
	if ago, err := time.ParseDuration(text); err == nil && ago >= 0 {
		return timestamppb.New(now.Add(-ago)), nil
	}
	for _, layout := range []string{time.RFC3339, time.DateOnly} {
		if t, err := time.Parse(layout, text); err == nil {
			return timestamppb.New(t), nil
		}
	}
	return nil, badFlag(flag,
		"cannot read %q: give a time such as 2026-03-14T15:00:00Z, a day such as 2026-03-14, "+
			"or how long ago such as 24h",
		text)
}

func someJobRuns(ctx context.Context, cl *client.Client, filter runFilter,
	limit int,
) (*controlv1.ListJobRunsResponse, error) {
	all := &controlv1.ListJobRunsResponse{}
	rows, err := pages(limit, func(token string) ([]*controlv1.JobRun, string, error) {
		page, err := jobRuns(cl).ListJobRuns(ctx, &controlv1.ListJobRunsRequest{
			ApplicationId: filter.application,
			NextToken:     token,
			States:        filter.states,
			Mode:          filter.mode,
			CreatedAfter:  filter.after,
			CreatedBefore: filter.before,
			Name:          filter.name,
			Tags:          filter.tags,
			Mine:          filter.mine,
			IdPrefix:      filter.idPrefix,
		})
		all.Record = page.GetRecord()
		return page.GetJobRuns(), page.GetNextToken(), err
	})
	all.JobRuns = rows
	return all, err
}

// writeJobRuns lists runs; with their applications if they are of several ones.
func writeJobRuns(s *shared, rows []*controlv1.JobRun, ofAll bool) error {
	titles := []string{"ID", "~NAME", "STATE", ">PRIORITY", ">ATTEMPT", ">WORKERS", ">AGE", ">RAN", "~PROGRAM", "~REASON"}
	if ofAll {
		titles = append([]string{"APPLICATION"}, titles...)
	}
	t := s.table(titles...)
	for _, r := range rows {
		said := r.GetSpec()
		cells := []string{
			r.GetJobRunId(),
			said.GetName(),
			r.GetState(),
			number(int64(r.GetPriority())),
			number(int64(r.GetAttempt())),
			number(int64(r.GetLiveWorkers())),
			output.Age(s.Now(), r.GetCreatedAt()),
			output.Lasted(s.Now(), r.GetStartedAt(), r.GetEndedAt()),
			shortProgram(said),
			reason(r),
		}
		if ofAll {
			cells = append([]string{r.GetApplicationId()}, cells...)
		}
		t.Add(cells...)
	}
	return t.Write(s.Out)
}

// reason says why a run is in its state. A terminal shows of it what has room in a row.
func reason(r *controlv1.JobRun) string {
	return cmp.Or(r.GetStateDetails(), r.GetFailure().GetMessage(), r.GetFailure().GetKind())
}

func cancelJobRun(s *shared) *cobra.Command {
	var grace int64
	var wait bool
	c := &cobra.Command{
		Use:   "cancel [APPLICATION] JOB_RUN",
		Short: "Cancel a job run; it may be repeated",
		Args:  takesRun,
		RunE: func(c *cobra.Command, args []string) error {
			const doing = "cancel job run"
			request := &controlv1.CancelJobRunRequest{ApplicationId: args[0], JobRunId: args[1]}
			if c.Flags().Changed("grace-seconds") {
				request.GraceSeconds = &grace
			}
			return s.call(doing, func(cl *client.Client) error {
				return fail(doing, s.cancel(c.Context(), cl, request, wait))
			})
		},
	}
	c.Flags().Int64Var(&grace, "grace-seconds", 0,
		"seconds between the polite stop and the kill, 0 to 3600 (default 120 for a stream, 30 for PROCESS, else none)")
	c.Flags().BoolVar(&wait, "wait", false, "until it is over")
	return c
}

// cancel cancels a run and shows it; if wait is set, it shows how the run ends.
func (s *shared) cancel(ctx context.Context, cl *client.Client, r *controlv1.CancelJobRunRequest, wait bool) error {
	answer, err := jobRuns(cl).CancelJobRun(ctx, r)
	if err != nil {
		return err
	}
	if wait {
		_, err := Watch(ctx, s.Env, cl, r.GetApplicationId(), r.GetJobRunId())
		s.tellInterrupted(ctx, "job run %s is cancelled all the same; headrace job-run wait %s follows it",
			r.GetJobRunId(), r.GetJobRunId())
		return err
	}
	return s.print(answer, func() error {
		return say(s, "job run %s is %s\n", r.GetJobRunId(), answer.GetJobRun().GetState())
	})
}
