package runtime

import (
	"fmt"
	"os"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/headrace/headrace/agent/runtime/sandbox"
)

// TestMain is the shim, the agent that dies, or the tests, by its first argument.
func TestMain(m *testing.M) {
	if len(os.Args) > 1 {
		switch os.Args[1] {
		case "shim":
			os.Exit(ShimMain(os.Args[2:]))
		case "agent":
			os.Exit(agentMain(os.Args[2], os.Args[3]))
		}
	}
	goleak.VerifyTestMain(m)
}

// isolate adds a sandbox and users of their own to a configuration.
func isolate(config *Config) {
	box := sandbox.DefaultConfig()
	box.Program, _ = sandbox.Find()
	box.Hidden = []string{config.DataDir}
	config.Sandbox, config.Users = &box, Users{First: 1_900_000_000, Count: 1000}
}

// agentMain starts one worker, says so, and waits to be killed.
func agentMain(dataDir, id string) int {
	config := DefaultConfig()
	config.DataDir = dataDir
	if len(os.Args) > 4 {
		isolate(&config)
	}
	r, err := New(config)
	if err != nil {
		fmt.Println(err)
		return 1
	}
	if err := r.MoveLease(Boottime().Add(time.Minute)); err != nil {
		fmt.Println(err)
		return 1
	}
	if _, err := r.MakeHome(id, HomeOptions{}); err != nil {
		fmt.Println(err)
		return 1
	}
	_, err = r.Start(Spec{ID: id, Command: shell(longSleep)})
	fmt.Println("started", err)
	select {}
}
