package main

import (
	"bufio"
	"context"
	"embed"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"
)

// clientTime bounds one client.
const clientTime = 10 * time.Minute

//go:embed scripts
var scripts embed.FS

// client is a real client, pinned.
type client struct {
	name    string
	quick   bool // it installs in seconds
	install func(ctx context.Context, dir string) error
	command func(dir string) []string // what runs it; the entry point and its argument are added
	// environment says where the API is; beside it, all have credentials and a region.
	environment func(dir, endpoint string) []string
}

// all are the clients, those that tell the most first.
var all = []client{
	{
		name:        "boto3",
		quick:       true,
		install:     python("boto3==1.44.5"),
		command:     venvRuns("tutorial.py"),
		environment: byVariable,
	},
	{
		name:        "javascript",
		quick:       true,
		install:     node("@aws-sdk/client-emr-serverless@3.1169.0"),
		command:     nodeRuns("tutorial.mjs"),
		environment: byVariable,
	},
	{
		name:        "go",
		quick:       true,
		command:     goRuns("gosdk"),
		environment: byVariable,
	},
	{
		name:        "terraform",
		quick:       true,
		command:     goRuns("terraform"),
		environment: byVariable,
	},
	{
		name:        "cli1",
		install:     python("awscli==1.46.3"),
		command:     venvRuns("cli.py"),
		environment: cliOf("venv/bin/aws"),
	},
	{
		name:        "cli2",
		install:     installed(systemCLI, "apt-get install awscli gives 2.9.19"),
		command:     pythonRuns("cli.py"),
		environment: cliByArgument,
	},
	{
		name:        "airflow2",
		install:     python("apache-airflow==2.11.0", "apache-airflow-providers-amazon==9.39.0"),
		command:     venvRuns("operators.py"),
		environment: airflow,
	},
	{
		name:        "airflow3",
		install:     python("apache-airflow==3.3.2", "apache-airflow-providers-amazon==9.39.0"),
		command:     venvRuns("operators.py"),
		environment: airflow,
	},
}

// tally counts.
type tally struct{ operations, failed int }

// run installs the client if it must, runs it and prints its lines.
func (c client) run(ctx context.Context, tools, endpoint string, count *tally) error {
	dir := filepath.Join(tools, c.name)
	if c.install != nil {
		fmt.Fprintln(os.Stderr, "      installing", c.name)
		if err := errors.Join(os.MkdirAll(dir, 0o755), c.install(ctx, dir)); err != nil {
			return fmt.Errorf("cannot install %s: %w", c.name, err)
		}
	}
	if err := writeScripts(dir); err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, clientTime)
	defer cancel()
	command, err := c.prepare(ctx, dir, endpoint)
	if err != nil {
		return err
	}
	return c.print(command, count)
}

// prepare returns the command that runs the client. The end of ctx kills it and its children.
func (c client) prepare(ctx context.Context, dir, endpoint string) (*exec.Cmd, error) {
	entry, err := filepath.Abs(program)
	if err != nil {
		return nil, err
	}
	argument, err := filepath.Abs(text)
	if err != nil {
		return nil, err
	}
	args := append(c.command(dir), "file://"+entry, "file://"+argument)
	command := exec.CommandContext(ctx, args[0], args[1:]...) //nolint:gosec // they are ours
	command.Env = append(
		withoutAWS(os.Environ()),
		"AWS_ACCESS_KEY_ID=AKIDEXAMPLE",
		"AWS_SECRET_ACCESS_KEY=dummysecret",
		"AWS_REGION=us-east-1",
		"AWS_DEFAULT_REGION=us-east-1",
		"AWS_EC2_METADATA_DISABLED=true",
	)
	command.Env = append(command.Env, c.environment(dir, endpoint)...)
	command.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	command.Cancel = func() error { return syscall.Kill(-command.Process.Pid, syscall.SIGKILL) }
	command.WaitDelay = 5 * time.Second
	return command, nil
}

// print runs a command and prints its lines after the client's name.
func (c client) print(command *exec.Cmd, count *tally) error {
	var said strings.Builder
	command.Stderr = &said
	out, err := command.StdoutPipe()
	if err != nil {
		return err
	}
	if err := command.Start(); err != nil {
		return fmt.Errorf("cannot run %s: %w", c.name, err)
	}
	failed := 0
	for lines := bufio.NewScanner(out); lines.Scan(); {
		what, rest, _ := strings.Cut(lines.Text(), " ")
		switch what {
		case "ok":
			count.operations++
		case "FAIL":
			count.operations++
			failed++
		case "left", "#":
		default:
			continue // what a library prints
		}
		fmt.Printf("%-4s  %-10s  %s\n", what, c.name, strings.TrimSpace(rest))
	}
	if err := command.Wait(); err != nil {
		fmt.Printf("%s\n", tailOf(said.String(), 3000))
		failed = max(failed, 1)
	}
	count.failed += failed
	return nil
}

// tailOf returns the end of a text.
func tailOf(text string, length int) string { return text[max(0, len(text)-length):] }

// withoutAWS removes what would lead a client elsewhere.
func withoutAWS(environment []string) (kept []string) {
	for _, variable := range environment {
		if !strings.HasPrefix(variable, "AWS_") {
			kept = append(kept, variable)
		}
	}
	return kept
}

// writeScripts writes the scripts to where clients run them.
func writeScripts(dir string) error {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	entries, err := scripts.ReadDir("scripts")
	if err != nil {
		return err
	}
	for _, entry := range entries {
		content, err := scripts.ReadFile("scripts/" + entry.Name())
		if err != nil {
			return err
		}
		if err := os.WriteFile(filepath.Join(dir, entry.Name()), content, 0o644); err != nil {
			return err
		}
	}
	return nil
}
