package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"

	"github.com/headrace/headrace/agent/runtime"
	"github.com/headrace/headrace/cmd/headrace/cli"
)

func main() {
	if len(os.Args) > 1 && os.Args[1] == "shim" {
		os.Exit(runtime.ShimMain(os.Args[2:]))
	}
	os.Exit(run())
}

// run runs a command until it is done, or interrupted: a second signal ends the process at once.
func run() int {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM)
	defer stop()
	context.AfterFunc(ctx, stop)
	env := cli.ProcessEnv()
	err := rootCommand(env).ExecuteContext(ctx)
	if err != nil && cli.ExitCode(err) != cli.ExitInterrupted {
		cli.Report(env, err)
	}
	return cli.ExitCode(err)
}
