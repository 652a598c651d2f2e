package main

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"github.com/headrace/headrace/agent/release"
)

// standalone is Spark's own cluster, a master and a worker, of the same distribution.
type standalone struct {
	spark   release.Release
	java    string
	dir     string
	master  string
	started []*exec.Cmd
}

// startStandalone returns when the worker has registered: the peers are up before they are timed.
func startStandalone(ctx context.Context, spark release.Release) (*standalone, error) {
	java, err := spark.Java(ctx)
	if err != nil {
		return nil, err
	}
	dir, err := os.MkdirTemp("", "headrace-bench-standalone-")
	if err != nil {
		return nil, err
	}
	s := &standalone{
		spark:  spark,
		java:   filepath.Join(java, "bin", "java"),
		dir:    dir,
		master: "spark://127.0.0.1:7077",
	}
	for _, daemon := range []struct {
		args []string
		says string
	}{
		{
			[]string{"org.apache.spark.deploy.master.Master", "--host", "127.0.0.1", "--port", "7077", "--webui-port", "7078"},
			"I have been elected leader",
		},
		{[]string{
			"org.apache.spark.deploy.worker.Worker", "--host", "127.0.0.1", "--webui-port", "7079", "--cores", "2",
			"--memory", "4g", "--work-dir", dir, s.master,
		}, "Successfully registered"},
	} {
		if err := s.daemon(ctx, daemon.args, daemon.says); err != nil {
			s.stop()
			return nil, err
		}
	}
	return s, nil
}

// daemon starts a part of the cluster and waits until it says that it is there.
func (s *standalone) daemon(ctx context.Context, args []string, says string) error {
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	command := exec.Command(
		s.java,
		append([]string{"-Xmx512m", "-cp", filepath.Join(s.spark.SparkHome, "jars") + "/*"}, args...)...)
	command.Env = s.environment()
	command.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	out, err := command.StderrPipe()
	if err != nil {
		return err
	}
	if err := command.Start(); err != nil {
		return err
	}
	s.started = append(s.started, command)
	said := make(chan bool, 1)
	go func() { // ends with the daemon
		lines := bufio.NewScanner(out)
		for lines.Scan() {
			if strings.Contains(lines.Text(), says) {
				said <- true
				break
			}
		}
		_, _ = io.Copy(io.Discard, out)
	}()
	select {
	case <-said:
		return nil
	case <-ctx.Done():
		return fmt.Errorf("spark's %s did not say %q within a minute", args[0], says)
	}
}

func (s *standalone) environment() []string {
	return append(os.Environ(), "SPARK_HOME="+s.spark.SparkHome, "SPARK_SCALA_VERSION=2.12",
		"JAVA_HOME="+filepath.Dir(filepath.Dir(s.java)), "SPARK_LOCAL_IP=127.0.0.1", "SPARK_LOCAL_DIRS="+s.dir)
}

// submit runs the program as Spark's users do, and returns its time line.
func (s *standalone) submit(ctx context.Context, master, program string) (timeline, error) {
	ctx, cancel := context.WithTimeout(ctx, 2*time.Minute)
	defer cancel()
	command := exec.CommandContext(ctx, filepath.Join(s.spark.SparkHome, "bin", "spark-submit"), "--master", master,
		"--driver-memory", "1g", "--executor-memory", "1g", "--total-executor-cores", "2",
		"--conf", "spark.driver.host=127.0.0.1", "--conf", "spark.ui.port=0", program)
	command.Env = s.environment()
	command.Dir = s.dir
	ownGroup(command)
	var errors strings.Builder
	command.Stderr = &errors
	began := time.Now()
	out, err := command.Output()
	if err != nil {
		text := errors.String()
		return nil, fmt.Errorf("cannot run the program on %s: %w\n%s", master, err, text[max(0, len(text)-2000):])
	}
	t := timeline{"end": time.Since(began).Seconds()}
	return t, t.read(string(out), began)
}

func (s *standalone) stop() {
	for _, command := range s.started {
		_ = syscall.Kill(-command.Process.Pid, syscall.SIGKILL)
		_ = command.Wait()
	}
	_ = os.RemoveAll(s.dir)
}
