package server_test

import (
	"testing"

	"github.com/headrace/headrace/internal/errs"
	"github.com/headrace/headrace/internal/simnode"
	"github.com/headrace/headrace/internal/testcluster"
	"github.com/headrace/headrace/server"
)

// The account's quota counts over all applications: what it can never hold is refused, what it cannot hold now waits.
func TestQuota_HoldsOverAllApplications(t *testing.T) {
	t.Parallel()
	cluster := testcluster.Start(t, testcluster.Config{
		Servers: 1,
		Adjust:  func(c *server.Config) { c.AccountVCPU = 3 },
	})
	finish := make(chan struct{})
	cluster.Node(testcluster.NodeConfig{Name: "n1", Zone: "a", Script: always(simnode.RunsUntil(finish))})
	client := cluster.Leader().Client()
	one := processApplication(t, client)
	other := processApplication(t, client)
	_, err := client.StartJobRun(testcluster.Within(t), processRun(one, 3))
	wantError(t, err, errs.TooLarge, "", "4", "3 vCPU", "quota")
	first := startRun(t, client, processRun(one, 1))
	second := startRun(t, client, processRun(other, 1))
	awaitRun(t, cluster, one, first, "RUNNING")
	explain(t, cluster, other, second, "ACCOUNT_QUOTA")
	close(finish)
	awaitRun(t, cluster, other, second, "SUCCESS")
}

func TestConfig_QuotaIsBounded(t *testing.T) {
	for _, quota := range []int64{-1, 1 << 60} {
		c := server.DefaultConfig()
		c.ServerID = "s"
		c.DataDir = "d"
		c.KeyringFile = "k"
		c.AccountVCPU = quota
		wantError(t, c.Validate(), errs.Invalid, "account_vcpu_quota")
	}
}
