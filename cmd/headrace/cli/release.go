package cli

import (
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"github.com/headrace/headrace/agent/release"
	"github.com/headrace/headrace/cmd/headrace/client"
	"github.com/headrace/headrace/cmd/headrace/output"
	controlv1 "github.com/headrace/headrace/proto/headrace/control/v1"
	specv1 "github.com/headrace/headrace/proto/headrace/spec/v1"
)

func releaseCommand(env Env) *cobra.Command {
	c := parent("release", "Releases: engine distributions with a label such as emr-7.2.0")
	s := newShared(env, c)
	c.AddCommand(listReleases(s), fetchRelease(s), addRelease(s))
	return c
}

func listReleases(s *shared) *cobra.Command {
	return &cobra.Command{
		Use:   "list",
		Short: "List the releases that the cluster knows",
		Args:  Nothing,
		RunE:  s.with("list releases", s.showReleases),
	}
}

// showReleases lists the releases that the cluster knows.
func (s *shared) showReleases(c *cobra.Command, cl *client.Client, _ []string) error {
	answer, err := cluster(cl).ListReleases(c.Context(), &controlv1.ListReleasesRequest{})
	if err != nil {
		return err
	}
	return s.print(answer, func() error { return writeReleases(s, answer.GetReleases()) })
}

func writeReleases(s *shared, rows []*controlv1.Release) error {
	t := s.table(
		"LABEL",
		"SPARK",
		"HIVE",
		"TEZ",
		"JAVA",
		"PYTHON",
		"CACHED",
		">SIZE",
		"~NODES",
		"~NOTE",
	)
	for _, r := range rows {
		bytes := ""
		if r.GetSizeBytes() > 0 {
			bytes = fmt.Sprintf("%d MB", r.GetSizeBytes()/1_000_000)
		}
		t.Add(
			r.GetLabel(),
			sparkVersion(r),
			r.GetHiveVersion(),
			r.GetTezVersion(),
			numbers(r.GetJavaVersions()),
			pythons(r),
			yes(r.GetCached()),
			bytes,
			holders(r),
			releaseNote(r),
		)
	}
	return t.Write(s.Out)
}

// sparkVersion returns the version of a release's Spark; servers before the table of versions told the engine's only.
func sparkVersion(r *controlv1.Release) string {
	if r.GetSparkVersion() == "" && r.GetEngine() == specv1.Engine_ENGINE_SPARK {
		return r.GetEngineVersion()
	}
	return r.GetSparkVersion()
}

// numbers writes versions.
func numbers(versions []uint32) string {
	var all []string
	for _, version := range versions {
		all = append(all, strconv.Itoa(int(version)))
	}
	return strings.Join(all, ",")
}

func pythons(r *controlv1.Release) string {
	if r.GetPythonMin() == "" || r.GetPythonMin() == r.GetPythonMax() {
		return r.GetPythonMax()
	}
	return r.GetPythonMin() + "-" + r.GetPythonMax()
}

// holders names the nodes that hold a release, as far as they fit a line.
func holders(r *controlv1.Release) string {
	const shown = 3
	names := r.GetNodeNames()
	if len(names) == 0 {
		return strconv.Itoa(int(r.GetNodes()))
	}
	if len(names) <= shown {
		return strings.Join(names, ",")
	}
	return fmt.Sprintf("%s and %d more", strings.Join(names[:shown], ","), len(names)-shown)
}

// releaseNote says what is special about a release, and why it cannot run.
func releaseNote(r *controlv1.Release) string {
	switch {
	case r.GetCustom() && r.GetNotRunnable() != "":
		return "custom; " + r.GetNotRunnable()
	case r.GetCustom():
		return "custom"
	}
	return r.GetNotRunnable()
}

func fetchRelease(s *shared) *cobra.Command {
	var into, python string
	var withoutS3 bool
	c := &cobra.Command{
		Use:   "fetch LABEL",
		Short: "Get a release into this machine's cache, from the Python package registry",
		Args:  Takes("LABEL"),
		Long: "Get a release into this machine's cache, through the machine's own pip, so that its mirror and proxy\n" +
			"settings hold. What is complete and verified is not fetched again. No server is needed.",
		ValidArgsFunction: cobra.FixedCompletions(release.Fetchable(), cobra.ShellCompDirectiveNoFileComp),
		RunE: func(c *cobra.Command, args []string) error {
			const doing = "fetch release"
			root, err := cacheDir(into)
			if err != nil {
				return fail(doing, err)
			}
			p := &steps{env: s.Env}
			found, err := release.Fetch(c.Context(), release.FetchOptions{
				Label:     args[0],
				Root:      root,
				Python:    python,
				Progress:  p.show,
				WithoutS3: withoutS3,
			})
			if err != nil {
				return fail(doing, err)
			}
			return say(s, "release %s with Spark %s is in %s\n", found.Label, found.EngineVersion, found.Dir)
		},
	}
	c.Flags().StringVar(&into, "into", "",
		"directory of releases; by default $HEADRACE_CACHE/releases or below the user's cache directory")
	c.Flags().StringVar(&python, "python", "", "interpreter whose pip is used; by default python3")
	c.Flags().BoolVar(&withoutS3, "without-s3", false,
		"leave out the jars for s3://, which come from the registry of jars")
	return c
}

// cacheDir returns the directory of releases.
func cacheDir(said string) (string, error) {
	if said != "" {
		return said, nil
	}
	return release.DefaultCache()
}

// steps shows how long work gets on: in place on a terminal, else a line when a step ends.
type steps struct {
	env Env
}

func (p *steps) show(now release.Progress) {
	switch {
	case p.env.Terminal && !now.Ended:
		_ = output.Rewrite(p.env.Err, p.env.ErrWidth, "%s", now)
	case p.env.Terminal:
		_ = errors.Join(output.Rewrite(p.env.Err, p.env.ErrWidth, "%s", now), output.Line(p.env.Err, ""))
	case now.Ended:
		_ = output.Line(p.env.Err, "%s", now)
	}
}
