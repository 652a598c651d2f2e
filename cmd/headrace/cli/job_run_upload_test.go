package cli

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"google.golang.org/grpc"
	"google.golang.org/protobuf/proto"

	"github.com/headrace/headrace/cmd/headrace/clusterfake"
	"github.com/headrace/headrace/internal/errs"
	fileupload "github.com/headrace/headrace/internal/upload"
	controlv1 "github.com/headrace/headrace/proto/headrace/control/v1"
	specv1 "github.com/headrace/headrace/proto/headrace/spec/v1"
)

// taker is a cluster that takes files and job runs.
type taker struct {
	clusterfake.Server
	breaks int // so many uploads break first
	headed []*controlv1.UploadFileHeader
	bodies []string
	runs   []*specv1.JobRun
}

func newTaker() *taker {
	s := &taker{}
	s.Upload = s.take
	s.Answer = func(c clusterfake.Call) (proto.Message, error) {
		switch r := c.Request.(type) {
		case *controlv1.GetApplicationRequest:
			if r.GetApplicationId() != appID {
				return nil, errs.New(errs.NotFound, "there is no application %q", r.GetApplicationId())
			}
			return &controlv1.GetApplicationResponse{Application: &controlv1.Application{ApplicationId: appID}}, nil
		case *controlv1.ListApplicationsRequest:
			return &controlv1.ListApplicationsResponse{}, nil
		case *controlv1.StartJobRunRequest:
			s.runs = append(s.runs, r.GetSpec())
			return &controlv1.StartJobRunResponse{JobRun: &controlv1.JobRun{JobRunId: "r", State: "PENDING"}}, nil
		case *controlv1.GetJobRunRequest:
			first := s.runs[0]
			return &controlv1.GetJobRunResponse{JobRun: &controlv1.JobRun{JobRunId: "r", Spec: first, State: "FAILED"}}, nil
		}
		return nil, errs.New(errs.NotFound, "there is no %s here", c.Method)
	}
	return s
}

// take receives a file.
func (s *taker) take(
	stream grpc.ClientStreamingServer[controlv1.UploadFileRequest, controlv1.UploadFileResponse],
) error {
	var header *controlv1.UploadFileHeader
	var body bytes.Buffer
	for {
		part, err := stream.Recv()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return err
		}
		if s.breaks > 0 {
			s.breaks--
			return errs.New(errs.Unavailable, "this server stops")
		}
		if part.GetHeader() != nil {
			header = part.GetHeader()
		}
		body.Write(part.GetChunk())
	}
	s.headed = append(s.headed, header)
	s.bodies = append(s.bodies, body.String())
	file := fileupload.File{Digest: sha256.Sum256(body.Bytes()), Name: header.GetName()}
	return stream.SendAndClose(&controlv1.UploadFileResponse{Uri: file.URI()})
}

// appID is the id of the only application.
const appID = "01m8mx0y35n6f4ym0gcmypj8cd"

func TestD3_AProgramOfThisMachineIsUploadedAndAllOthersAreNot(t *testing.T) {
	dir := t.TempDir()
	t.Chdir(dir)
	t.Setenv("HOME", dir)
	text := strings.Repeat("print(1)\n", 300_000) // of several chunks
	if err := os.WriteFile(filepath.Join(dir, "my count.py"), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	uri := fileupload.File{Digest: sha256.Sum256([]byte(text)), Name: "my_count.py"}.URI()
	if err := os.Mkdir("sub", 0o700); err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]string{
		"./my count.py":      uri,
		"sub/../my count.py": "sub/../my count.py",
		"~/my count.py":      uri,
		"../" + filepath.Base(dir) + "/my count.py": uri,
		"my count.py":              "my count.py",
		filepath.Join(dir, "x.py"): filepath.Join(dir, "x.py"),
		"file://" + dir + "/x.py":  "file://" + dir + "/x.py",
		"s3://bucket/count.py":     "s3://bucket/count.py",
		uri:                        uri,
	} {
		server := newTaker()
		r := command(t.Context(), server.Start(t), "job-run", "start", appID, "--entry-point", path)
		if r.failed != nil {
			t.Errorf("%s: %v", path, r.failed)
			continue
		}
		if got := server.runs[0].GetDriver().GetSparkSubmit().GetEntryPoint(); got != want {
			t.Errorf("%s is %s, not %s", path, got, want)
		}
		if uploads := len(server.bodies); (uploads == 1) != (path != want) || uploads > 0 && server.bodies[0] != text {
			t.Errorf("%s: %d uploads", path, uploads)
		}
	}
}

func TestD3_ProgramsOfProcessesAreUploadedAgainAfterABreak(t *testing.T) {
	t.Chdir(t.TempDir())
	for _, name := range []string{"lead.sh", "part.sh"} {
		if err := os.WriteFile(name, []byte("#!/bin/sh\n# "+name), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	server := newTaker()
	server.breaks = 1
	address := server.Start(t)
	r := command(t.Context(), address, "job-run", "start", appID, "--tasks", "2", "--task-command", "./part.sh x",
		"--command", "--", "./lead.sh", "./lead.sh")
	if r.failed != nil {
		t.Fatal(r.failed)
	}
	p := server.runs[0].GetDriver().GetProcess()
	lead := p.GetCommand()
	task := p.GetTaskCommand()
	if !strings.HasSuffix(lead[0], "/lead.sh") || lead[1] != "./lead.sh" || !strings.HasSuffix(task[0], "/part.sh") {
		t.Errorf("the commands are %q and %q", lead, task)
	}
	if want := "#!/bin/sh\n# lead.sh"; len(server.bodies) != 2 || server.bodies[0] != want {
		t.Errorf("uploaded are %q", server.bodies)
	}
	r = command(t.Context(), address, "job-run", "retry", appID, "01m8mx0y8wkp34y8zjdgfmgvm2")
	if r.failed != nil || len(server.bodies) != 2 || !proto.Equal(server.runs[1].GetDriver(), server.runs[0].GetDriver()) {
		t.Errorf("a retry names %v, %v", server.runs[1].GetDriver(), r.failed)
	}
}

func TestD3_AFileThatCannotBeUploadedIsToldBeforeAnythingIsAsked(t *testing.T) {
	t.Chdir(t.TempDir())
	large, err := os.Create("large.jar")
	if err == nil {
		err = errors.Join(large.Truncate(16<<20+1), large.Close())
	}
	if err != nil {
		t.Fatal(err)
	}
	for path, says := range map[string]string{
		"./none.py":   "cannot upload ./none.py of this machine: stat ./none.py: no such file",
		"./":          "it is no file",
		"./large.jar": "it has 16777217 bytes, and the most is 16777216; put it where nodes reach it",
	} {
		server := newTaker()
		r := command(t.Context(), server.Start(t), "job-run", "start", appID, "--entry-point", path)
		asked := len(server.Calls()) + len(server.headed)
		if r.failed == nil || !strings.Contains(r.failed.Error(), says) || asked != 0 {
			t.Errorf("%s: %v, after %d calls", path, r.failed, asked)
		}
	}
}

// A file for an application that is not there stays where it is.
func TestD3_NothingIsUploadedForAnApplicationThatIsNotThere(t *testing.T) {
	t.Chdir(t.TempDir())
	if err := os.WriteFile("count.py", []byte("print(1)"), 0o600); err != nil {
		t.Fatal(err)
	}
	server := newTaker()
	r := command(t.Context(), server.Start(t), "job-run", "start", "nosuch", "--entry-point", "./count.py")
	if !errs.Is(r.failed, errs.NotFound) || len(server.headed) != 0 {
		t.Errorf("%v, after %d uploads", r.failed, len(server.headed))
	}
}

// A clone uploads what its own flags name. What the first run had may begin with ./, and lies on the nodes.
func TestD3_ACloneUploadsOnlyWhatItsFlagsName(t *testing.T) {
	t.Chdir(t.TempDir())
	if err := os.WriteFile("part.sh", []byte("#!/bin/sh"), 0o600); err != nil {
		t.Fatal(err)
	}
	server := newTaker()
	address := server.Start(t)
	first := specv1.Process_builder{
		Command: []string{"./lead.sh"}, TaskCommand: []string{"./old.sh"}, Tasks: new(uint32(1)),
	}
	server.runs = []*specv1.JobRun{specv1.JobRun_builder{
		Driver: specv1.JobDriver_builder{Process: first.Build()}.Build(),
	}.Build()}
	r := command(t.Context(), address, "job-run", "clone", appID, "01m8mx0y8wkp34y8zjdgfmgvm2",
		"--task-command", "./part.sh")
	if r.failed != nil {
		t.Fatal(r.failed)
	}
	p := server.runs[1].GetDriver().GetProcess()
	taken := strings.HasSuffix(p.GetTaskCommand()[0], "/part.sh")
	if p.GetCommand()[0] != "./lead.sh" || !taken || len(server.headed) != 1 {
		t.Errorf("the clone runs %v, after %d uploads", p, len(server.headed))
	}
}
