package s3test

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"syscall"
	"time"

	"github.com/headrace/headrace/internal/storage"
)

// healthPath answers without a signature. No bucket can have that name.
const healthPath = "/-health"

// start runs the program on a port that is free, and returns when it answers.
func (s *Server) start(ctx context.Context, program string) error {
	address, err := freeAddress(ctx)
	if err != nil {
		return err
	}
	// It keeps no connections, so that tests which look for goroutines that stay behind find none of its clients'.
	command := exec.Command(program, "--port", address, "--region", Region, "--health", healthPath, "--quiet",
		"posix", "--sidecar", s.metadata(), s.objects())
	command.Dir = s.dir
	// Nothing of the caller's environment may change the server; the keys stand there because everybody can read
	// arguments.
	command.Env = []string{
		"PATH=" + os.Getenv("PATH"),
		"ROOT_ACCESS_KEY_ID=" + s.AccessKeyID,
		"ROOT_SECRET_ACCESS_KEY=" + s.SecretAccessKey,
	}
	command.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	s.process, err = startProcess(command, s.log())
	if err != nil {
		return err
	}
	s.Endpoint = "http://" + address
	s.Config = storage.Config{
		Endpoint:        s.Endpoint,
		Region:          Region,
		PathStyle:       true,
		CredentialsFile: s.CredentialsFile,
	}
	if err := s.awaitAnswer(ctx); err != nil {
		s.process.stop()
		return err
	}
	return nil
}

// freeAddress returns an address of loopback where nobody listens at this moment.
func freeAddress(ctx context.Context) (string, error) {
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return "", fmt.Errorf("cannot find a port for an S3 server: %w", err)
	}
	return listener.Addr().String(), listener.Close()
}

// awaitAnswer asks until the server is healthy.
func (s *Server) awaitAnswer(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, startPatience)
	defer cancel()
	again := time.NewTicker(20 * time.Millisecond)
	defer again.Stop()
	for {
		if isHealthy(ctx, s.Endpoint+healthPath) {
			return nil
		}
		select {
		case <-again.C:
		case <-s.process.ended:
			return fmt.Errorf("cannot start an S3 server: %w\n%s", errEnded, s.process.said())
		case <-ctx.Done():
			return fmt.Errorf("cannot start an S3 server at %s: %w\n%s", s.Endpoint, context.Cause(ctx), s.process.said())
		}
	}
}

func isHealthy(ctx context.Context, url string) bool {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return false
	}
	request.Close = true // no connection stays behind
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		return false
	}
	_ = answer.Body.Close()
	return answer.StatusCode == http.StatusOK
}
