package cli

import (
	"context"
	"strconv"

	"github.com/spf13/cobra"

	"github.com/headrace/headrace/cmd/headrace/client"
	"github.com/headrace/headrace/cmd/headrace/config"
	"github.com/headrace/headrace/cmd/headrace/output"
	"github.com/headrace/headrace/internal/errs"
	controlv1 "github.com/headrace/headrace/proto/headrace/control/v1"
)

func applicationCommand(env Env) *cobra.Command {
	c := parent("application", "Applications: pools of workers of one engine and release")
	c.Aliases = []string{"app"}
	s := newSession(env, c)
	c.AddCommand(createApplication(s), getApplication(s), listApplications(s), startApplication(s), stopApplication(s), deleteApplication(s))
	return c
}

// newApplication are the flags of application create.
type newApplication struct {
	request     controlv1.CreateApplicationRequest
	engine      string
	autoStart   bool
	idleMinutes int64
	weight      int64
	cpu         config.CPU
	memory      config.MiB
	disk        config.MiB
	tags        []string
}

func createApplication(s *session) *cobra.Command {
	a := &newApplication{}
	c := &cobra.Command{Use: "create", Short: "Create an application", Args: cobra.NoArgs,
		Example: "  headrace application create --name reports --release emr-7.2.0\n  headrace application create --name tools --engine process",
		RunE: func(c *cobra.Command, _ []string) error {
			return s.call("create application", func(cl *client.Client) error { return a.create(c, s, cl) })
		}}
	flags := c.Flags()
	flags.StringVar(&a.request.Name, "name", "", "its name")
	flags.StringVar(&a.engine, "engine", "spark", "spark, hive or process")
	flags.StringVar(&a.request.ReleaseLabel, "release", "", "label of the release, such as emr-7.2.0")
	flags.StringVar(&a.request.ClientToken, "client-token", "", "with the same token it is created once")
	flags.StringVar(&a.request.Architecture, "architecture", "", "X86_64 or ARM64")
	flags.BoolVar(&a.autoStart, "auto-start", true, "a submission starts it")
	flags.Int64Var(&a.idleMinutes, "idle-timeout-minutes", 15, "minutes without work after which it stops; 0: never")
	flags.Int64Var(&a.weight, "weight", 1, "weight of its share of the cluster")
	flags.Var(&a.cpu, "max-cpu", "the most vCPU that its workers hold together")
	flags.Var(&a.memory, "max-memory", "the most memory, such as 3TB")
	flags.Var(&a.disk, "max-disk", "the most disk, such as 20TB")
	flags.StringArrayVar(&a.tags, "tag", nil, "KEY=VALUE; may be repeated")
	complete(c, "engine", "spark", "hive", "process")
	complete(c, "architecture", "X86_64", "ARM64")
	return c
}

func (a *newApplication) create(c *cobra.Command, s *session, cl *client.Client) error {
	const doing = "create application"
	request, err := a.build(c)
	if err != nil {
		return fail(doing, err)
	}
	answer, err := applications(cl).CreateApplication(c.Context(), request)
	if err != nil {
		return fail(doing, err)
	}
	return s.print(answer, func() error { return writeApplication(s, answer.GetApplication()) })
}

// build makes the request; what no flag said is left to the server.
func (a *newApplication) build(c *cobra.Command) (*controlv1.CreateApplicationRequest, error) {
	engine, err := engineNamed(a.engine)
	if err != nil {
		return nil, err
	}
	r := &a.request
	r.Engine = engine
	if r.Tags, err = tags(a.tags); err != nil {
		return nil, err
	}
	if c.Flags().Changed("auto-start") {
		r.AutoStart = &a.autoStart
	}
	if c.Flags().Changed("idle-timeout-minutes") {
		r.IdleTimeoutMinutes = &a.idleMinutes
	}
	if c.Flags().Changed("weight") {
		r.Weight = &a.weight
	}
	if a.cpu != 0 || a.memory != 0 || a.disk != 0 {
		r.MaximumCapacity = &controlv1.Resources{MilliCpu: int64(a.cpu), MemoryMib: int64(a.memory), DiskMib: int64(a.disk)}
	}
	return r, nil
}

func engineNamed(name string) (controlv1.Engine, error) {
	for number := range controlv1.Engine_name {
		if engine := controlv1.Engine(number); name != "" && output.Engine(engine) == name {
			return engine, nil
		}
	}
	return 0, errs.Field("engine", "cannot be %q: spark, hive or process", name)
}

func getApplication(s *session) *cobra.Command {
	return &cobra.Command{Use: "get APPLICATION", Short: "Show an application", Args: cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			const doing = "get application"
			return s.call(doing, func(cl *client.Client) error {
				answer, err := applications(cl).GetApplication(c.Context(), &controlv1.GetApplicationRequest{ApplicationId: args[0]})
				if err != nil {
					return fail(doing, err)
				}
				return s.print(answer, func() error { return writeApplication(s, answer.GetApplication()) })
			})
		}}
}

func listApplications(s *session) *cobra.Command {
	var states []string
	var most int
	c := &cobra.Command{Use: "list", Short: "List applications, oldest first", Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			const doing = "list applications"
			return s.call(doing, func(cl *client.Client) error {
				answer, err := allApplications(c.Context(), cl, states, most)
				if err != nil {
					return fail(doing, err)
				}
				return s.print(answer, func() error { return writeApplications(s, answer.GetApplications()) })
			})
		}}
	c.Flags().StringSliceVar(&states, "state", nil, "only these states, such as STARTED; by default all but TERMINATED")
	c.Flags().IntVar(&most, "max", 0, "at most so many; 0: all")
	return c
}

func allApplications(ctx context.Context, cl *client.Client, states []string, most int) (*controlv1.ListApplicationsResponse, error) {
	all := &controlv1.ListApplicationsResponse{}
	rows, err := pages(most, func(token string) ([]*controlv1.Application, string, error) {
		page, err := applications(cl).ListApplications(ctx, &controlv1.ListApplicationsRequest{NextToken: token, States: states})
		all.Record = page.GetRecord()
		return page.GetApplications(), page.GetNextToken(), err
	})
	all.Applications = rows
	return all, err
}

func writeApplications(s *session, rows []*controlv1.Application) error {
	t := output.Table{Columns: output.Columns("ID", "NAME", "ENGINE", "RELEASE", "STATE", ">RUNS", ">VCPU", ">MEMORY", ">AGE")}
	for _, a := range rows {
		t.Add(a.GetApplicationId(), a.GetName(), output.Engine(a.GetEngine()), a.GetReleaseLabel(), a.GetState(),
			strconv.Itoa(int(a.GetUnfinishedRuns())), output.CPU(a.GetUsed()), output.Memory(a.GetUsed()), output.Age(s.Now(), a.GetCreatedAt()))
	}
	return t.Write(s.Out)
}

func writeApplication(s *session, a *controlv1.Application) error {
	var f output.Fields
	f.Add("Application", a.GetApplicationId())
	f.Add("Name", a.GetName())
	f.Add("Engine", output.Engine(a.GetEngine()))
	f.Add("Release", a.GetReleaseLabel())
	f.Add("State", a.GetState())
	f.Add("Why", a.GetStateDetails())
	f.Add("Limit", output.Limit(a.GetMaximumCapacity()))
	f.Add("Used", output.Resources(a.GetUsed()))
	f.Add("Unfinished runs", strconv.Itoa(int(a.GetUnfinishedRuns())))
	f.Add("Auto start", strconv.FormatBool(a.GetAutoStart()))
	f.Add("Idle timeout", idle(a.GetIdleTimeoutMinutes()))
	f.Add("Weight", strconv.FormatInt(a.GetWeight(), 10))
	f.Add("Architecture", a.GetArchitecture())
	f.Add("Tags", pairs(a.GetTags()))
	f.Add("ARN", a.GetArn())
	f.Add("Created", output.Time(s.Now(), a.GetCreatedAt()))
	f.Add("Updated", output.Time(s.Now(), a.GetUpdatedAt()))
	return f.Write(s.Out)
}

func idle(minutes int64) string {
	if minutes == 0 {
		return "never"
	}
	return strconv.FormatInt(minutes, 10) + " min"
}
