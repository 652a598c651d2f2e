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
	"github.com/headrace/headrace/internal/errs"
	controlv1 "github.com/headrace/headrace/proto/headrace/control/v1"
)

// chunkBytes is the size of a part of an upload; the API takes at most 1 MiB.
const chunkBytes = 1 << 20

func addRelease(s *session) *cobra.Command {
	var cache, sha256 string
	c := &cobra.Command{Use: "add LABEL [SOURCE]", Short: "Give a release to the servers, from where agents fetch it", Args: cobra.RangeArgs(1, 2),
		Long: "Give a release to the servers, from where agents fetch it.\n\nSOURCE is a Spark distribution: a directory, a tar archive, or the address of one\n" +
			"(https://...) with its --sha256. Without SOURCE it is what headrace release fetch got.",
		RunE: func(c *cobra.Command, args []string) error {
			const doing = "add release"
			root, err := cacheDir(cache)
			if err != nil {
				return fail(doing, err)
			}
			p := &steps{env: s.Env}
			from := &newRelease{label: args[0], source: strings.Join(args[1:], ""), sha256: sha256, root: root, progress: p.show}
			return s.call(doing, func(cl *client.Client) error {
				answer, err := from.add(c.Context(), cl)
				if err != nil {
					return fail(doing, err)
				}
				return s.print(answer, func() error { return say(s, "release %s is in the servers' cache\n", answer.GetRelease().GetLabel()) })
			})
		}}
	c.Flags().StringVar(&cache, "cache", "", "directory of releases on this machine; by default $HEADRACE_CACHE/releases or below the user's cache directory")
	c.Flags().StringVar(&sha256, "sha256", "", "digest of the archive at an address")
	return c
}

// newRelease is a release on its way to the servers.
type newRelease struct {
	label, source, sha256, root string
	progress                    func(release.Progress)
}

// add makes the release on this machine, packs it and uploads the archive.
func (n *newRelease) add(ctx context.Context, cl *client.Client) (*controlv1.AddReleaseResponse, error) {
	made, err := n.make(ctx)
	if err != nil {
		return nil, err
	}
	archive, err := os.CreateTemp(n.root, ".upload-*")
	if err != nil {
		return nil, errs.New(errs.Unavailable, "cannot pack the release: %w", err)
	}
	defer func() { _, _ = archive.Close(), os.Remove(archive.Name()) }()
	digest, size, err := release.Pack(made.Dir, archive)
	if err != nil {
		return nil, err
	}
	header := &controlv1.AddReleaseHeader{Label: made.Label, Engine: controlv1.Engine_ENGINE_SPARK, EngineVersion: made.EngineVersion, Digest: digest, SizeBytes: size}
	var answer *controlv1.AddReleaseResponse
	err = cl.Retry(ctx, func(func()) (err error) {
		answer, err = n.upload(ctx, cl, header, archive)
		return err
	})
	return answer, err
}

// make brings the release into this machine's cache.
func (n *newRelease) make(ctx context.Context) (release.Release, error) {
	o := release.AddOptions{Label: n.label, Root: n.root, Progress: n.progress}
	if n.source == "" {
		return release.Find([]string{n.root}, n.label)
	}
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
func (n *newRelease) upload(ctx context.Context, cl *client.Client, header *controlv1.AddReleaseHeader, archive *os.File) (*controlv1.AddReleaseResponse, error) {
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
	began, sent, chunk := time.Now(), int64(0), make([]byte, chunkBytes)
	for err == nil {
		var read int
		if read, err = io.ReadFull(archive, chunk); read == 0 {
			break
		}
		err = up.Send(&controlv1.AddReleaseRequest{Part: &controlv1.AddReleaseRequest_Chunk{Chunk: chunk[:read]}})
		sent += int64(read)
		n.progress(release.Progress{Step: "upload " + n.label, Done: sent, Total: header.GetSizeBytes(), Elapsed: time.Since(began), Ended: sent == header.GetSizeBytes()})
	}
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, err
	}
	return up.CloseAndRecv() // a server that refused in between says why here
}
