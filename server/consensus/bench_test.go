package consensus

import (
	"context"
	"crypto/rand"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/hashicorp/raft"
	"google.golang.org/protobuf/proto"

	"github.com/headrace/headrace/fsm"
	"github.com/headrace/headrace/fsm/state"
	eventv1 "github.com/headrace/headrace/proto/headrace/event/v1"
	"github.com/headrace/headrace/server/command"
)

// The benchmarks compare the door with a bare hashicorp/raft loop in the same run: three servers in this process, TCP
// on loopback, raft-wal on disk with fsync, the same payload. With N waiting callers they report decisions per second
// and how long one takes, as door.N.rate, door.N.p50, door.N.p99 and apply.N.…; times are in milliseconds.

var waitingCallers = []int{1, 16, 256}

// benchPayload is as large as a worker's end with a short message.
const benchPayload = 256

func BenchmarkDoor(b *testing.B) {
	leader := benchCluster(b)
	payload := rand.Text() + string(make([]byte, benchPayload))
	for _, callers := range waitingCallers {
		b.Run(fmt.Sprint(callers), func(b *testing.B) {
			measure(b, "door", callers, func(key string) error {
				_, err := leader.Execute(
					context.Background(),
					func(_ *state.View, meta command.Meta) ([]*eventv1.Event, error) {
						return []*eventv1.Event{noted(key, payload[:benchPayload], meta.Now)}, nil
					},
				)
				return err
			})
		})
	}
}

func BenchmarkApply(b *testing.B) {
	leader := benchBareCluster(b)
	payload := rand.Text() + string(make([]byte, benchPayload))
	for _, callers := range waitingCallers {
		b.Run(fmt.Sprint(callers), func(b *testing.B) {
			measure(b, "apply", callers, func(key string) error {
				data, err := proto.Marshal(
					&eventv1.Record{Events: []*eventv1.Event{noted(key, payload[:benchPayload], time.Now())}},
				)
				if err != nil {
					return err
				}
				return leader.Apply(data, proposeWait).Error()
			})
		})
	}
}

// measure runs b.N calls from so many callers.
func measure(b *testing.B, name string, callers int, call func(key string) error) {
	took := make([][]time.Duration, callers)
	var group sync.WaitGroup
	b.ResetTimer()
	for i := range callers {
		group.Go(func() {
			for n := i; n < b.N; n += callers {
				began := time.Now()
				if err := call(fmt.Sprintf("%d/%d", i, n%64)); err != nil {
					b.Error(err)
					return
				}
				took[i] = append(took[i], time.Since(began))
			}
		})
	}
	group.Wait()
	b.StopTimer()
	all := slices.Concat(took...)
	slices.Sort(all)
	report := func(what string, value float64) { b.ReportMetric(value, fmt.Sprintf("%s.%d.%s", name, callers, what)) }
	report("rate", float64(b.N)/b.Elapsed().Seconds())
	report("p50", float64(all[len(all)/2])/1e6)
	report("p99", float64(all[len(all)*99/100])/1e6)
}

func benchConfig(b *testing.B, i int) Config {
	config := DefaultConfig()
	config.ServerID = fmt.Sprintf("server-%d", i+1)
	config.DataDir = b.TempDir()
	config.Listen = "127.0.0.1:0"
	config.Log = slog.New(slog.DiscardHandler)
	return config
}

// benchCluster returns the leader of three servers behind doors.
func benchCluster(b *testing.B) *Consensus {
	var all []*Consensus
	var servers []Server
	for i := range 3 {
		c, err := Open(benchConfig(b, i), fsm.New())
		must(b, err)
		ctx, cancel := context.WithCancel(context.Background())
		ended := make(chan error, 1)
		go func() { ended <- c.Run(ctx) }()
		b.Cleanup(func() {
			cancel()
			must(b, <-ended)
		})
		all = append(all, c)
		servers = append(servers, Server{ID: c.config.ServerID, Address: c.Address()})
	}
	for _, c := range all {
		must(b, c.Bootstrap(servers))
	}
	var leader *Consensus
	eventually(b, "a leader", func() bool {
		for _, c := range all {
			if c.leadingTerm.Load() != 0 {
				leader = c
			}
		}
		return leader != nil
	})
	return leader
}

// benchBareCluster returns the leader of three servers of the bare library, with its batching of what waits switched
// on.
func benchBareCluster(b *testing.B) *raft.Raft {
	var all []*raft.Raft
	var configuration raft.Configuration
	for i := range 3 {
		config := benchConfig(b, i)
		settings := config.raftConfig(make(chan bool, notices))
		settings.BatchApplyCh = true
		stores, err := openStores(config.DataDir, config.LogStore, settings.Logger)
		must(b, err)
		transport, err := openTransport(config, nil)
		must(b, err)
		cached, err := raft.NewLogCache(logCacheSize, stores.Log)
		must(b, err)
		r, err := raft.NewRaft(settings, &raft.MockFSM{}, cached, stores.Stable, stores.Snapshots, transport)
		must(b, err)
		b.Cleanup(func() {
			must(b, r.Shutdown().Error())
			must(b, closeTransport(transport))
			must(b, stores.Close())
		})
		all = append(all, r)
		configuration.Servers = append(configuration.Servers, raft.Server{
			ID:      settings.LocalID,
			Address: transport.LocalAddr(),
		})
	}
	for _, r := range all {
		must(b, r.BootstrapCluster(configuration).Error())
	}
	var leader *raft.Raft
	eventually(b, "a leader", func() bool {
		for _, r := range all {
			if r.State() == raft.Leader {
				leader = r
			}
		}
		return leader != nil
	})
	must(b, leader.Barrier(0).Error())
	return leader
}
