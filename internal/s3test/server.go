package s3test

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/headrace/headrace/internal/storage"
)

const (
	buildPatience = 8 * time.Minute  // for the program, once per machine
	startPatience = 20 * time.Second // for a server, on a machine that is busy
	startTries    = 3                // a port that was free may be taken a moment later
)

// Region is what servers want requests signed for.
const Region = "us-east-1"

// Server is an S3 server on this machine's loopback.
type Server struct {
	// Endpoint is its URL.
	Endpoint string
	// CredentialsFile has the keys of its only user, who may do everything, in the form of ~/.aws/credentials.
	CredentialsFile string
	// Config reaches it with that file.
	Config storage.Config
	// AccessKeyID and SecretAccessKey are what CredentialsFile holds, for tests that look for them where they must not be.
	AccessKeyID, SecretAccessKey string

	dir     string
	process *process
}

// Start runs a server with these buckets until the test ends. A test on a machine that has no server yet is left out
// and says how to get one.
func Start(t testing.TB, buckets ...string) *Server {
	t.Helper()
	if !Built() {
		t.Skip(Missing)
	}
	ctx, cancel := context.WithTimeout(t.Context(), buildPatience)
	defer cancel()
	server, err := Run(ctx, t.TempDir(), buckets...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(server.Stop)
	return server
}

// Run starts a server that keeps everything below dir, which must be empty, and returns when it serves these buckets.
// ctx limits the start only; the caller calls Stop.
func Run(ctx context.Context, dir string, buckets ...string) (*Server, error) {
	program, err := Program(ctx)
	if err != nil {
		return nil, err
	}
	s := &Server{dir: dir, AccessKeyID: "AK" + rand.Text()[:18], SecretAccessKey: rand.Text() + rand.Text()}
	if err := s.prepare(); err != nil {
		return nil, err
	}
	for range startTries {
		if err = s.start(ctx, program); err == nil || !errors.Is(err, errEnded) {
			break
		}
	}
	if err != nil {
		return nil, err
	}
	if err := s.makeBuckets(ctx, buckets); err != nil {
		s.Stop()
		return nil, err
	}
	return s, nil
}

// Stop ends the server at once and waits for that. It may be called again.
func (s *Server) Stop() { s.process.stop() }

// prepare makes the folders and the file of credentials.
func (s *Server) prepare() error {
	for _, folder := range []string{s.objects(), s.metadata()} {
		if err := os.Mkdir(folder, 0o755); err != nil {
			return fmt.Errorf("cannot start an S3 server: %w", err)
		}
	}
	s.CredentialsFile = filepath.Join(s.dir, "credentials")
	profile := fmt.Sprintf(
		"[default]\naws_access_key_id = %s\naws_secret_access_key = %s\n",
		s.AccessKeyID,
		s.SecretAccessKey,
	)
	if err := os.WriteFile(s.CredentialsFile, []byte(profile), 0o600); err != nil {
		return fmt.Errorf("cannot start an S3 server: %w", err)
	}
	return nil
}

func (s *Server) objects() string  { return filepath.Join(s.dir, "objects") }
func (s *Server) metadata() string { return filepath.Join(s.dir, "metadata") }
func (s *Server) log() string      { return filepath.Join(s.dir, "log") }
