package cli

import (
	"github.com/spf13/cobra"

	"github.com/headrace/headrace/cmd/headrace/client"
	"github.com/headrace/headrace/internal/spec/codec"
	controlv1 "github.com/headrace/headrace/proto/headrace/control/v1"
	specv1 "github.com/headrace/headrace/proto/headrace/spec/v1"
)

// newApplication are the flags of application create.
type newApplication struct {
	settings
	name   string
	engine string
	quiet  bool
}

func createApplication(s *shared) *cobra.Command {
	a := &newApplication{}
	c := &cobra.Command{
		Use:   "create",
		Short: "Create an application",
		Args:  Nothing,
		Example: "  headrace application create --name reports --release emr-7.2.0\n" +
			"  headrace application create --name tools --engine process\n" +
			"  headrace application create --name nightly --release emr-7.2.0 --maximum-capacity 400vCPU,1024GB \\\n" +
			"      --initial-capacity DRIVER=2:4vCPU,16GB,20GB \\\n" +
			"      --initial-capacity EXECUTOR=10:4vCPU,16GB,200GB,SHUFFLE_OPTIMIZED\n" +
			"  headrace application create --name nightly --release emr-7.2.0 \\\n" +
			"      --initial-capacity file://capacity.json \\\n" +
			"      --runtime-configuration " +
			`'[{"classification":"spark-defaults","properties":{"spark.executor.cores":"2"}}]'`,
		RunE: func(c *cobra.Command, _ []string) error {
			return s.call("create application", func(cl *client.Client) error { return a.create(c, s, cl) })
		},
	}
	c.Flags().StringVar(&a.name, "name", "", "its name")
	c.Flags().StringVar(&a.engine, "engine", "spark", "spark, hive or process")
	bindQuiet(c, &a.quiet)
	a.bind(c)
	s.completeFrom(c, "release", offerReleases)
	complete(c, "engine", "spark", "hive", "process")
	return c
}

func (a *newApplication) create(c *cobra.Command, s *shared, cl *client.Client) error {
	const doing = "create application"
	number, err := codec.EnumNumber(specv1.Engine(0).Descriptor(), a.engine)
	if err != nil {
		return fail(doing, badFlag("engine", "cannot be %q: spark, hive or process", a.engine))
	}
	request := &controlv1.CreateApplicationRequest{Spec: &specv1.Application{}}
	request.Spec.SetEngine(specv1.Engine(number))
	if a.name != "" {
		request.Spec.SetName(a.name)
	}
	if err := a.over(c, request); err != nil {
		return fail(doing, err)
	}
	return create(c, s, cl, doing, request, a.quiet)
}

// bindQuiet adds the flag with which a script gets nothing but the id of what it made.
func bindQuiet(c *cobra.Command, quiet *bool) {
	c.Flags().BoolVarP(quiet, "quiet", "q", false, "print the new id alone")
}

// create creates an application and shows it, or its id alone.
func create(c *cobra.Command, s *shared, cl *client.Client, doing string,
	request *controlv1.CreateApplicationRequest, quiet bool,
) error {
	answer, err := applications(cl).CreateApplication(c.Context(), request)
	if err != nil {
		return failField(doing, applicationNames(c), err)
	}
	if quiet {
		return say(s, "%s\n", answer.GetApplication().GetApplicationId())
	}
	return s.print(answer, func() error { return writeApplication(s, answer.GetApplication()) })
}

// over sets in a request what the given flags say; what no flag said is left to the server.
func (a *settings) over(c *cobra.Command, r *controlv1.CreateApplicationRequest) error {
	e, err := a.edit(c)
	if err != nil {
		return err
	}
	labels, err := tags("--tag", a.tags)
	if err != nil {
		return err
	}
	r.ClientToken = a.token
	e.over(r.GetSpec())
	if len(labels) > 0 {
		r.GetSpec().SetTags(labels)
	}
	return nil
}
