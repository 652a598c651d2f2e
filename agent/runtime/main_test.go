package runtime

import (
	"fmt"
	"os"
	"testing"
	"time"

	"go.uber.org/goleak"
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

// agentMain starts one worker, says so, and waits to be killed.
func agentMain(dataDir, id string) int {
	config := DefaultConfig()
	config.DataDir = dataDir
	r, err := New(config)
	if err != nil {
		fmt.Println(err)
		return 1
	}
	if err := r.MoveLease(Boottime().Add(time.Minute)); err != nil {
		fmt.Println(err)
		return 1
	}
	if _, err := r.MakeDir(id); err != nil {
		fmt.Println(err)
		return 1
	}
	_, err = r.Start(Spec{ID: id, Command: shell(longSleep)})
	fmt.Println("started", err)
	select {}
}
