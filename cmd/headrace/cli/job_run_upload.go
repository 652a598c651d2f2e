package cli

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/headrace/headrace/cmd/headrace/client"
	"github.com/headrace/headrace/internal/chunk"
	"github.com/headrace/headrace/internal/errs"
	"github.com/headrace/headrace/internal/upload"
	controlv1 "github.com/headrace/headrace/proto/headrace/control/v1"
	specv1 "github.com/headrace/headrace/proto/headrace/spec/v1"
)

// local is a program of a submission that is a file of this machine.
type local struct {
	flag    string
	path    string
	set     func(uri string)
	content []byte // once it was read
}

// localsOf returns the programs of a submission that are files of this machine.
func localsOf(said *specv1.JobRun) (all []*local) {
	driver := said.GetDriver()
	if spark := driver.GetSparkSubmit(); upload.IsLocal(spark.GetEntryPoint()) {
		all = append(all, &local{flag: "entry-point", path: spark.GetEntryPoint(), set: spark.SetEntryPoint})
	}
	all = appendLocal(all, "command", driver.GetProcess().GetCommand())
	return appendLocal(all, "task-command", driver.GetProcess().GetTaskCommand())
}

// appendLocal adds the program of a command, which is its first word.
func appendLocal(all []*local, flag string, command []string) []*local {
	if len(command) == 0 || !upload.IsLocal(command[0]) {
		return all
	}
	return append(all, &local{flag: flag, path: command[0], set: func(uri string) { command[0] = uri }})
}

// readLocals reads programs, before anything is asked of the cluster.
func readLocals(programs []*local) (err error) {
	for _, p := range programs {
		if p.content, err = readProgram(p.path); err != nil {
			return errs.New(errs.Invalid, "--%s: cannot upload %s of this machine: %w", p.flag, p.path, err)
		}
	}
	return nil
}

// uploadLocals gives the servers programs that were read, and has the submission name them as the servers keep them.
func uploadLocals(ctx context.Context, cl *client.Client, programs []*local) error {
	for _, p := range programs {
		uri, err := p.upload(ctx, cl)
		if err != nil {
			return err
		}
		p.set(uri)
	}
	return nil
}

// upload gives the servers a program, and returns how job runs name it.
func (p *local) upload(ctx context.Context, cl *client.Client) (uri string, err error) {
	digest := sha256.Sum256(p.content)
	header := &controlv1.UploadFileHeader{
		Name:      upload.NameLike(filepath.Base(p.path)),
		Digest:    digest[:],
		SizeBytes: int64(len(p.content)),
	}
	err = cl.Retry(ctx, func(func()) (err error) {
		uri, err = uploadOnce(ctx, cl, header, p.content)
		return err
	})
	return uri, err
}

// readProgram reads a file that is to be uploaded.
func readProgram(path string) ([]byte, error) {
	if rest, inHome := strings.CutPrefix(path, "~/"); inHome {
		folder, err := os.UserHomeDir()
		if err != nil {
			return nil, err
		}
		path = filepath.Join(folder, rest)
	}
	info, err := os.Stat(path)
	switch {
	case err != nil:
		return nil, fmt.Errorf("%w; a file of the nodes is named by an absolute path, or as file://PATH", err)
	case !info.Mode().IsRegular():
		return nil, errors.New("it is no file")
	case info.Size() > upload.MaxBytes:
		return nil, tooLargeToUpload(info.Size())
	}
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer func() { _ = file.Close() }()
	content, err := io.ReadAll(io.LimitReader(file, upload.MaxBytes+1))
	if err == nil && len(content) > upload.MaxBytes { // it grows
		err = tooLargeToUpload(int64(len(content)))
	}
	return content, err
}

func tooLargeToUpload(size int64) error {
	return fmt.Errorf("it has %d bytes, and the most is %d; put it where nodes reach it, such as s3://",
		size, upload.MaxBytes)
}

// uploadOnce sends a file once. A server that has it already answers without reading it.
func uploadOnce(
	ctx context.Context, cl *client.Client, header *controlv1.UploadFileHeader, content []byte,
) (uri string, err error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	up, err := jobRuns(cl).UploadFile(ctx)
	if err != nil {
		return "", err
	}
	err = up.Send(&controlv1.UploadFileRequest{Part: &controlv1.UploadFileRequest_Header{Header: header}})
	if err == nil {
		err = chunk.Send(bytes.NewReader(content), chunk.Size, func(part []byte) error {
			return up.Send(&controlv1.UploadFileRequest{Part: &controlv1.UploadFileRequest_Chunk{Chunk: part}})
		})
	}
	if err != nil && !errors.Is(err, io.EOF) {
		return "", err
	}
	answer, err := up.CloseAndRecv() // a server that answered in between says here what
	return answer.GetUri(), err
}
