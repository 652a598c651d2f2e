package server_test

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/headrace/headrace/cmd/headrace/client"
	"github.com/headrace/headrace/internal/testcluster"
	controlv1 "github.com/headrace/headrace/proto/headrace/control/v1"
)

const (
	rollingClients = 4
	rollingPause   = 250 * time.Millisecond // that a rolling restart may cost
)

// All servers are stopped and started again, one after another, while clients write: no call fails, and the longest
// time without a commit is that of a hand-over. On a busy machine a round may have a longer one, so the best of some
// counts.
func TestC9_RollingRestartUnderLoad(t *testing.T) {
	cluster := testcluster.Start(t, testcluster.Config{})
	load := newLoad(t, cluster)
	best := time.Hour
	for range 3 {
		load.reset()
		for _, s := range cluster.Servers {
			s.Stop()
			s.Start()
			testcluster.Eventually(t, "the server to be back", func() bool { return followsOrLeads(cluster, s) })
		}
		pause, commits := load.longest()
		t.Logf("%d commits, none for at most %s", commits, pause)
		if best = min(best, pause); best <= rollingPause {
			break
		}
	}
	load.end()
	if best > rollingPause {
		t.Errorf("a rolling restart has a pause of %s at best, more than %s", best, rollingPause)
	}
}

// followsOrLeads says whether a server knows the leader.
func followsOrLeads(cluster *testcluster.Cluster, s *testcluster.Server) bool {
	leader := cluster.Leader()
	status, err := s.Client().GetClusterStatus(context.Background(), &controlv1.GetClusterStatusRequest{})
	return err == nil && slices.ContainsFunc(status.GetServers(), func(row *controlv1.Server) bool {
		return row.GetLeader() && row.GetServerId() == leader.ID()
	})
}

// load is clients that write all the time.
type load struct {
	t     *testing.T
	stop  context.CancelFunc
	group sync.WaitGroup

	mu      sync.Mutex
	last    time.Time // when the newest write was answered
	pause   time.Duration
	commits int
}

// newLoad starts writing. Each client begins at another server.
func newLoad(t *testing.T, cluster *testcluster.Cluster) *load {
	application := processApplication(t, cluster.Leader().Client())
	ctx, stop := context.WithCancel(t.Context())
	l := &load{t: t, stop: stop, last: time.Now()}
	for i := range rollingClients {
		settings := client.DefaultConfig()
		for n := range cluster.Servers {
			settings.Servers = append(settings.Servers, cluster.Servers[(i+n)%len(cluster.Servers)].Address())
		}
		c, err := client.New(settings)
		must(t, err)
		l.group.Go(func() {
			defer c.Close()
			l.write(ctx, c, application, i)
		})
	}
	t.Cleanup(l.end)
	return l
}

func (l *load) write(ctx context.Context, c *client.Client, application string, number int) {
	applications := controlv1.NewTagServiceClient(c)
	for n := 0; ctx.Err() == nil; n++ {
		_, err := applications.TagResource(ctx, &controlv1.TagResourceRequest{
			ApplicationId: application,
			Tags:          map[string]string{fmt.Sprint("client-", number): fmt.Sprint(n)},
		})
		if err != nil && ctx.Err() == nil {
			l.t.Errorf("a call failed: %v", err)
			return
		}
		l.answered()
	}
}

func (l *load) answered() {
	l.mu.Lock()
	defer l.mu.Unlock()
	now := time.Now()
	l.pause = max(l.pause, now.Sub(l.last))
	l.last = now
	l.commits++
}

func (l *load) reset() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.pause = 0
	l.commits = 0
	l.last = time.Now()
}

func (l *load) longest() (pause time.Duration, commits int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.pause, l.commits
}

// end stops writing.
func (l *load) end() {
	l.stop()
	l.group.Wait()
}
