package cli

import (
	"strings"
	"time"

	"github.com/spf13/cobra"
	"google.golang.org/protobuf/proto"

	"github.com/headrace/headrace/cmd/headrace/client"
	"github.com/headrace/headrace/cmd/headrace/config"
	"github.com/headrace/headrace/cmd/headrace/manifest"
	"github.com/headrace/headrace/cmd/headrace/output"
	"github.com/headrace/headrace/internal/errs"
	controlv1 "github.com/headrace/headrace/proto/headrace/control/v1"
)

// DefaultServer is the server that commands call if neither --server nor HEADRACE_SERVER names one.
const DefaultServer = "127.0.0.1:7401"

// shared is what the commands of one noun share: whom they call, and how they answer.
type shared struct {
	Env
	server string
	format string
	yaml   bool // the command can answer with documents that apply reads
	tls    config.TLS
}

// newShared adds the flags that all commands below a command have.
func newShared(env Env, parent *cobra.Command) *shared {
	s := &shared{
		Env: env,
		tls: config.TLS{
			CAFile:   env.get("HEADRACE_TLS_CA_FILE", ""),
			CertFile: env.get("HEADRACE_TLS_CERT_FILE", ""),
			KeyFile:  env.get("HEADRACE_TLS_KEY_FILE", ""),
		},
	}
	flags := parent.PersistentFlags()
	flags.StringVar(&s.server, "server", env.get("HEADRACE_SERVER", DefaultServer),
		"gRPC addresses of servers, separated by commas; HEADRACE_SERVER")
	flags.StringVarP(&s.format, "output", "o", env.get("HEADRACE_OUTPUT", "table"), "table or json; HEADRACE_OUTPUT")
	s.tls.Bind(flags)
	complete(parent, "output", "table", "json")
	return s
}

// complete makes the shell offer values of a flag.
func complete(c *cobra.Command, flag string, values ...string) {
	// The only error is a flag that is not there, which a test of the completion would show.
	_ = c.RegisterFlagCompletionFunc(flag, cobra.FixedCompletions(values, cobra.ShellCompDirectiveNoFileComp))
}

// dial returns a client of the cluster, which the caller closes.
func (s *shared) dial() (*client.Client, error) {
	if err := s.checkFormat(); err != nil {
		return nil, err
	}
	secure, err := s.tls.Client()
	if err != nil {
		return nil, err
	}
	c := client.DefaultConfig()
	c.Credentials = secure
	c.OnLong = s.tellLong
	for server := range strings.SplitSeq(s.server, ",") {
		if server = strings.TrimSpace(server); server != "" {
			c.Servers = append(c.Servers, server)
		}
	}
	return client.New(c)
}

// checkFormat holds that the command can answer as it is asked to.
func (s *shared) checkFormat() error {
	switch {
	case s.format == "table" || s.format == "json" || s.format == "yaml" && s.yaml:
		return nil
	case s.yaml:
		return badFlag("output", "cannot answer as %q: table, json or yaml", s.format)
	}
	return badFlag("output", "cannot answer as %q: table or json", s.format)
}

// withDocuments is for a command that can answer with a document, too.
func (s *shared) withDocuments() *shared {
	s.yaml = true
	return s
}

// printDocument answers with a document, unless there is none.
func (s *shared) printDocument(document manifest.Document, err error) error {
	if err != nil {
		return err
	}
	text, err := manifest.Write(document)
	if err != nil {
		return err
	}
	return say(s, "%s", text)
}

// tellLong says that the cluster does not answer yet.
func (s *shared) tellLong(err error, left time.Duration) {
	_ = output.Line(s.Err, "no answer yet, trying for another %d s: %s", left/time.Second, message(err))
}

// call does something with a client.
func (s *shared) call(doing string, do func(*client.Client) error) error {
	c, err := s.dial()
	if err != nil {
		return fail(doing, err)
	}
	defer func() { _ = c.Close() }()
	return do(c)
}

// body is what a command does with a client.
type body func(c *cobra.Command, cl *client.Client, args []string) error

// with returns what a command runs: do, with a client. Its errors say what could not be done.
func (s *shared) with(doing string, do body) func(*cobra.Command, []string) error {
	return func(c *cobra.Command, args []string) error {
		return s.call(doing, func(cl *client.Client) error {
			err := do(c, cl, args)
			if _, said := err.(*Failure); said { //nolint:errorlint // of the command itself, not of what is below
				return err
			}
			return fail(doing, err)
		})
	}
}

// print answers with a message, or with what text writes for people.
func (s *shared) print(m proto.Message, text func() error) error {
	if s.format == "json" {
		return output.JSON(s.Out, m)
	}
	return text()
}

// screen is what Out can show.
func (s *shared) screen() output.Screen { return output.Screen{Width: s.Width, Colour: s.Colour} }

// table returns a table for Out.
func (s *shared) table(titles ...string) *output.Table {
	return &output.Table{Columns: output.Columns(titles...), Screen: s.screen()}
}

// fields returns fields for Out.
func (s *shared) fields() *output.Fields { return &output.Fields{Screen: s.screen()} }

// applications, jobRuns, nodes, cluster, workers, accessKeys, histories and resourceTags are the services on a client.
func applications(c *client.Client) controlv1.ApplicationServiceClient {
	return controlv1.NewApplicationServiceClient(c)
}

func jobRuns(c *client.Client) controlv1.JobRunServiceClient {
	return controlv1.NewJobRunServiceClient(c)
}

func nodes(c *client.Client) controlv1.NodeServiceClient { return controlv1.NewNodeServiceClient(c) }

func cluster(c *client.Client) controlv1.ClusterServiceClient {
	return controlv1.NewClusterServiceClient(c)
}

func workers(c *client.Client) controlv1.WorkerServiceClient {
	return controlv1.NewWorkerServiceClient(c)
}

func accessKeys(c *client.Client) controlv1.AccessKeyServiceClient {
	return controlv1.NewAccessKeyServiceClient(c)
}

func histories(c *client.Client) controlv1.HistoryServiceClient {
	return controlv1.NewHistoryServiceClient(c)
}

func resourceTags(c *client.Client) controlv1.TagServiceClient {
	return controlv1.NewTagServiceClient(c)
}

// pages calls page until there is no further one, or enough results are there; limit 0: all of them.
func pages[R any](limit int, page func(token string) ([]R, string, error)) ([]R, error) {
	var all []R
	for token := ""; ; {
		some, next, err := page(token)
		if err != nil {
			return nil, err
		}
		all = append(all, some...)
		if limit > 0 && len(all) >= limit {
			return all[:limit], nil
		}
		if next == "" {
			return all, nil
		}
		token = next
	}
}

// parent returns a command that only groups others.
func parent(use, short string) *cobra.Command {
	return &cobra.Command{
		Use:   use,
		Short: short,
		Args:  Group,
		RunE:  func(c *cobra.Command, _ []string) error { return c.Help() },
	}
}

// tags reads the key=value pairs of a flag, or of the words of a command.
func tags(from string, pairs []string) (map[string]string, error) {
	if len(pairs) == 0 {
		return nil, nil //nolint:nilnil // no tags
	}
	all := map[string]string{}
	for _, pair := range pairs {
		key, value, found := strings.Cut(pair, "=")
		if !found || key == "" {
			return nil, errs.Field(from, "cannot read %q: give KEY=VALUE", pair)
		}
		all[key] = value
	}
	return all, nil
}
