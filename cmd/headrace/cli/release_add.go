package cli

import (
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/headrace/headrace/agent/release"
	"github.com/headrace/headrace/cmd/headrace/client"
	"github.com/headrace/headrace/internal/chunk"
	"github.com/headrace/headrace/internal/errs"
	controlv1 "github.com/headrace/headrace/proto/headrace/control/v1"
	specv1 "github.com/headrace/headrace/proto/headrace/spec/v1"
)

func addRelease(s *shared) *cobra.Command {
	var cache string
	from := &newRelease{}
	c := &cobra.Command{
		Use:   "add LABEL [SOURCE]",
		Short: "Give a release to the servers, from where agents fetch it",
		Args:  between(1, "LABEL", "SOURCE"),
		Long: "Give a release to the servers, from where agents fetch it.\n\n" +
			"SOURCE is a Spark distribution: a directory, a tar archive, or the address of one (https://...) with\n" +
			"its --sha256. Without SOURCE it is what headrace release fetch got.\n\n" +
			"Only an operator may add releases. A label that the servers have keeps its archive, unless --replace\n" +
			"is given and no job run and no started application uses it.",
		RunE: func(c *cobra.Command, args []string) error {
			const doing = "add release"
			root, err := cacheDir(cache)
			if err != nil {
				return fail(doing, err)
			}
			from.label = args[0]
			from.source = strings.Join(args[1:], "")
			from.root = root
			from.progress = (&steps{env: s.Env}).show
			return s.call(doing, func(cl *client.Client) error {
				answer, err := from.add(c.Context(), cl)
				if err != nil {
					return fail(doing, err)
				}
				return s.print(answer, func() error { return sayAdded(s, answer) })
			})
		},
	}
	c.Flags().StringVar(&cache, "cache", "",
		"directory of releases here; by default $HEADRACE_CACHE/releases or below the user's cache directory")
	c.Flags().StringVar(&from.sha256, "sha256", "", "digest of the archive at an address")
	c.Flags().BoolVar(&from.replace, "replace", false,
		"the label may have another archive, which this one replaces; refused while anything uses it")
	return c
}

// sayAdded says what was added, and what it replaced.
func sayAdded(s *shared, answer *controlv1.AddReleaseResponse) error {
	label := answer.GetRelease().GetLabel()
	if replaced := answer.GetReplacedDigest(); len(replaced) > 0 {
		return say(s, "release %s is in the servers' cache; it replaced the one with the SHA-256 %x\n", label, replaced)
	}
	return say(s, "release %s is in the servers' cache\n", label)
}

// newRelease is a release on its way to the servers.
type newRelease struct {
	label, source, sha256, root string
	replace                     bool
	progress                    func(release.Progress)
}

// add makes the release on this machine, packs it and uploads the archive.
func (n *newRelease) add(ctx context.Context, cl *client.Client) (*controlv1.AddReleaseResponse, error) {
	made, remove, err := n.make(ctx)
	if err != nil {
		return nil, err
	}
	defer remove()
	archive, err := os.CreateTemp(n.root, ".upload-*")
	if err != nil {
		return nil, errs.New(errs.Unavailable, "cannot pack the release: %w", err)
	}
	defer func() {
		_ = archive.Close()
		_ = os.Remove(archive.Name())
	}()
	digest, size, err := release.Pack(made.Dir, archive)
	if err != nil {
		return nil, err
	}
	header := &controlv1.AddReleaseHeader{
		Label:         made.Label,
		Engine:        specv1.Engine_ENGINE_SPARK,
		EngineVersion: made.EngineVersion,
		Digest:        digest,
		SizeBytes:     size,
		Replace:       n.replace,
	}
	var answer *controlv1.AddReleaseResponse
	err = cl.Retry(ctx, func(func()) (err error) {
		answer, err = n.upload(ctx, cl, header, archive)
		return err
	})
	return answer, err
}

// make makes the release in this machine's cache. If it replaces another, it may stand beside what the cache has under
// its label, which may be in use there: it is made in a directory of its own, and removed afterwards.
func (n *newRelease) make(ctx context.Context) (made release.Release, remove func(), err error) {
	remove = func() {}
	o := release.AddOptions{Label: n.label, Root: n.root, Progress: n.progress}
	if n.source == "" {
		made, err = release.Find([]string{n.root}, n.label)
		return made, remove, err
	}
	if n.replace {
		_ = os.MkdirAll(n.root, 0o755) // else the next step says why
		if o.Root, err = os.MkdirTemp(n.root, ".replace-*"); err != nil {
			return made, remove, errs.New(errs.Unavailable, "cannot make the release: %w", err)
		}
		remove = func() { _ = os.RemoveAll(o.Root) }
	}
	if made, err = n.fromSource(ctx, o); err != nil {
		remove()
	}
	return made, remove, err
}

// fromSource makes the release from where the user said.
func (n *newRelease) fromSource(ctx context.Context, o release.AddOptions) (release.Release, error) {
	if strings.HasPrefix(n.source, "https://") || strings.HasPrefix(n.source, "http://") {
		return release.FromURL(ctx, o, n.source, n.sha256)
	}
	path := filepath.Clean(strings.TrimPrefix(n.source, "file://"))
	info, err := os.Stat(path)
	switch {
	case err != nil:
		return release.Release{}, errs.Field("source", "cannot find it: %w", err)
	case info.IsDir():
		return release.FromDirectory(ctx, o, path)
	}
	return release.FromArchive(ctx, o, path)
}

// upload sends the archive once.
func (n *newRelease) upload(ctx context.Context, cl *client.Client, header *controlv1.AddReleaseHeader,
	archive *os.File,
) (*controlv1.AddReleaseResponse, error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	if _, err := archive.Seek(0, io.SeekStart); err != nil {
		return nil, errs.New(errs.Unavailable, "cannot read the archive: %w", err)
	}
	up, err := cluster(cl).AddRelease(ctx)
	if err != nil {
		return nil, err
	}
	err = up.Send(&controlv1.AddReleaseRequest{Part: &controlv1.AddReleaseRequest_Header{Header: header}})
	if err == nil {
		err = n.uploadChunks(up, header.GetSizeBytes(), archive)
	}
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, err
	}
	return up.CloseAndRecv() // a server that refused in between says why here
}

// uploadChunks sends the archive after its header, and tells how far it is.
func (n *newRelease) uploadChunks(up controlv1.ClusterService_AddReleaseClient, size int64, archive io.Reader) error {
	began := time.Now()
	var sent int64
	return chunk.Send(archive, chunk.Size, func(part []byte) error {
		err := up.Send(&controlv1.AddReleaseRequest{Part: &controlv1.AddReleaseRequest_Chunk{Chunk: part}})
		sent += int64(len(part))
		n.progress(release.Progress{
			Step:    "upload " + n.label,
			Done:    sent,
			Total:   size,
			Elapsed: time.Since(began),
			Ended:   sent == size,
		})
		return err
	})
}
