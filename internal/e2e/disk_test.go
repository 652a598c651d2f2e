package e2e

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/headrace/headrace/cmd/headrace/config"
	controlv1 "github.com/headrace/headrace/proto/headrace/control/v1"
	specv1 "github.com/headrace/headrace/proto/headrace/spec/v1"
)

// diskBytes is the size of a server's disk: a log, whose segments are allocated ahead, and a little more.
const diskBytes = 256 << 20

// disk is a file system of its own that can be frozen: every write waits then, and so does who wrote.
type disk struct {
	t   *testing.T
	dir string

	mu     sync.Mutex
	frozen bool
}

// newDisk mounts a disk for as long as the test runs. Only root can.
func newDisk(t *testing.T, dir string) *disk {
	t.Helper()
	image := dir + ".img"
	if err := errors.Join(os.MkdirAll(dir, 0o700), os.WriteFile(image, nil, 0o600)); err != nil {
		t.Fatal(err)
	}
	if err := os.Truncate(image, diskBytes); err != nil {
		t.Fatal(err)
	}
	for _, command := range [][]string{{"mkfs.ext4", "-q", image}, {"mount", "-o", "loop", image, dir}} {
		if said, err := exec.Command(command[0], command[1:]...).CombinedOutput(); err != nil {
			t.Skipf("cannot mount a disk that can be frozen: %s: %v\n%s", command[0], err, said)
		}
	}
	d := &disk{t: t, dir: dir}
	guard := d.guard()
	t.Cleanup(func() {
		if err := guard(); err != nil {
			t.Errorf("cannot take down the disk at %s: %v", dir, err)
		}
	})
	return d
}

// guard starts a process that thaws and unmounts the disk when it is told to, or when this process is gone. What is
// frozen would outlive the test else, with every process that wrote to it.
func (d *disk) guard() (end func() error) {
	guard := exec.Command("sh", "-c", `cat; fsfreeze -u "$0"; umount "$0" || { sleep 2; umount -l "$0"; }`, d.dir)
	guard.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} // a Ctrl-C at the test is not its own
	told, err := guard.StdinPipe()
	if err == nil {
		err = guard.Start()
	}
	if err != nil {
		d.t.Fatal(err)
	}
	return sync.OnceValue(func() error { return errors.Join(told.Close(), guard.Wait()) })
}

func (d *disk) freeze() { d.fsfreeze("-f", true) }

func (d *disk) thaw() { d.fsfreeze("-u", false) }

func (d *disk) fsfreeze(flag string, frozen bool) {
	d.t.Helper()
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.frozen == frozen {
		return
	}
	if said, err := exec.Command("fsfreeze", flag, d.dir).CombinedOutput(); err != nil {
		d.t.Errorf("fsfreeze %s: %v\n%s", flag, err, said)
		return
	}
	d.frozen = frozen
}

// diskCluster is a cluster whose servers have disks of their own, with a run that goes on.
type diskCluster struct {
	*cluster
	disks       map[string]*disk // by server
	application string
	run         *controlv1.JobRun
}

func newDiskCluster(t *testing.T) *diskCluster {
	if os.Geteuid() != 0 {
		t.Skip("only root can freeze a disk")
	}
	for _, program := range []string{"mkfs.ext4", "fsfreeze", "mount"} {
		if _, err := exec.LookPath(program); err != nil {
			t.Skipf("%s is missing", program)
		}
	}
	c := &diskCluster{disks: map[string]*disk{}}
	base := newDir(t)
	for i := range nServers {
		name := fmt.Sprint("server-", i+1)
		c.disks[name] = newDisk(t, base+"/"+name)
	}
	c.cluster = newCluster(t, shape{
		nodes:  []string{"a-1", "b-1"},
		cpu:    4000,
		change: func(s *config.Server) { s.DataDir = c.disks[s.ServerID].dir + "/data" },
	})
	t.Cleanup(c.thawAll) // before the cluster is stopped
	c.application = c.cluster.application(specv1.Engine_ENGINE_PROCESS, "")
	c.run = c.submit(c.application, script(fmt.Sprintf(`until [ -e %s/go ]; do sleep 0.2; done`, c.shared())))
	c.running(c.run, 1, time.Minute)
	return c
}

func (c *diskCluster) thawAll() {
	for _, d := range c.disks {
		d.thaw()
	}
}

// write commits something through any server, and returns how long that took.
func (c *diskCluster) write(n int) time.Duration {
	c.t.Helper()
	began := time.Now()
	_, err := controlv1.NewTagServiceClient(c.client).TagResource(c.t.Context(), &controlv1.TagResourceRequest{
		ApplicationId: c.application,
		Tags:          map[string]string{"write": fmt.Sprint(n)},
	})
	if err != nil {
		c.t.Fatal(err)
	}
	return time.Since(began)
}

// goesOn checks that nothing was killed, and ends the run.
func (c *diskCluster) goesOn() {
	c.t.Helper()
	c.open(c.shared())
	c.ends(c.run, "SUCCESS", time.Minute)
	workers := c.workers(c.run)
	if len(workers) != 1 || workers[0].GetEpoch() != 1 || c.get(c.run).GetAttempt() != 1 {
		c.t.Errorf("the run was disturbed: attempt %d, workers %v", c.get(c.run).GetAttempt(), workers)
	}
}

// The leader's disk hangs for shorter and for longer than a lease: another server leads before any worker has to end.
// When the disk answers again, the server has stopped, and comes back.
func TestC1_DiskOfTheLeaderHangs(t *testing.T) {
	c := newDiskCluster(t)
	for n, span := range []time.Duration{10 * time.Second, 30 * time.Second} {
		leader := c.ready(2)
		over := time.After(span)
		c.disks[leader.name].freeze()
		took := c.write(n)
		t.Logf("the disk of %s hangs: the next commit took %s", leader.name, took)
		if took > 8*time.Second {
			t.Errorf("the next commit took %s; workers end themselves after 8 s without a lease", took)
		}
		<-over
		c.disks[leader.name].thaw()
		eventually(t, time.Minute, "the server has stopped", func() error {
			if !leader.ended() {
				return errors.New("it runs")
			}
			return nil
		})
		leader.start()
		eventually(t, time.Minute, "the server is back", c.allAlive)
	}
	c.goesOn()
}

// Writes of the leader take 400 ms, with moments between in which they are fast: it hands over, and goes on.
func TestC1_DiskOfTheLeaderIsSlow(t *testing.T) {
	c := newDiskCluster(t)
	leader := c.ready(2)
	slow := c.disks[leader.name]
	began := time.Now()
	for n := 0; c.ready(2) == leader; n++ {
		if time.Since(began) > 30*time.Second {
			t.Fatal("it leads for half a minute on a slow disk")
		}
		slow.freeze()
		thaw := time.AfterFunc(400*time.Millisecond, slow.thaw)
		c.write(n)
		thaw.Stop()
		slow.thaw()
	}
	t.Logf("handed over after %s", time.Since(began))
	if leader.ended() {
		t.Error("it stopped")
	}
	c.goesOn()
}
