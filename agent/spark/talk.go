package spark

import (
	"bufio"
	"encoding/json"
	"errors"
	"maps"
	"net"
	"slices"
	"time"

	"google.golang.org/protobuf/proto"

	"github.com/headrace/headrace/internal/every"
	agentv1 "github.com/headrace/headrace/proto/headrace/agent/v1"
)

// driverDemand is what a driver says.
type driverDemand struct {
	Target        uint32            `json:"target"`
	Stop          []uint32          `json:"stop"`
	DriverURL     string            `json:"driver_url"`
	ApplicationID string            `json:"application_id"`
	Properties    map[string]string `json:"properties"`
	UIPort        int               `json:"ui_port"`  // of its pages; 0: it has none
	Progress      driverProgress    `json:"progress"` // zero: it runs no jobs
}

// driverProgress is how far the jobs are that a driver runs now.
type driverProgress struct {
	StagesDone uint32 `json:"stages_done"`
	Stages     uint32 `json:"stages"`
	TasksDone  uint32 `json:"tasks_done"`
	Tasks      uint32 `json:"tasks"`
}

// hear passes on what the driver wants and how far its jobs are, no faster than a driver needs: a program may say any
// number of things. While jobs run, what it wants stays the same in most messages, and is passed on once.
func (l *link) hear(lines *bufio.Scanner) {
	var last *agentv1.Demand
	for lines.Scan() {
		if l.pace.WaitN(l.ctx, 1+len(lines.Bytes())/lineBytes) != nil {
			return
		}
		var said driverDemand
		if err := json.Unmarshal(lines.Bytes(), &said); err != nil {
			l.log.Warn("cannot read what the driver wants", "error", err)
			every.Pause(l.ctx, refusedPause)
			return
		}
		l.showUI(said.UIPort)
		if now := l.demandOf(said); !proto.Equal(now, last) {
			last = now
			l.demand(now)
		}
		l.tellProgress(said.Progress)
	}
	if err := lines.Err(); err != nil && !errors.Is(err, net.ErrClosed) {
		l.log.Warn("lost the driver's connection", "error", err)
	}
}

// tellProgress passes on how far the driver's jobs are.
func (l *link) tellProgress(said driverProgress) {
	if l.progress == nil {
		return
	}
	l.progress(&agentv1.SparkProgress{
		JobRunId:   l.worker.GetJobRunId(),
		Attempt:    l.worker.GetAttempt(),
		StagesDone: min(said.StagesDone, said.Stages),
		Stages:     said.Stages,
		TasksDone:  min(said.TasksDone, said.Tasks),
		Tasks:      said.Tasks,
	})
}

// demandOf returns what servers are told of what a driver said, with what the agents of its executors must know of it.
func (l *link) demandOf(said driverDemand) *agentv1.Demand {
	properties := decommissioned()
	maps.Copy(properties, said.Properties)
	maps.Copy(properties, l.companion)
	return &agentv1.Demand{
		JobRunId: l.worker.GetJobRunId(),
		Attempt:  l.worker.GetAttempt(),
		Target:   said.Target,
		Stop:     said.Stop,
		Launch: &agentv1.ExecutorLaunch{
			DriverUrl:          said.DriverURL,
			SparkApplicationId: said.ApplicationID,
			Properties:         properties,
		},
	}
}

// decommissioned are settings with which an executor can be let go. Only executors have them: with the first of them,
// a driver's dynamic allocation would do something else with idle executors. What the run says itself holds over them.
func decommissioned() map[string]string {
	return map[string]string{
		"spark.decommission.enabled":                       "true",
		"spark.storage.decommission.enabled":               "true",
		"spark.storage.decommission.shuffleBlocks.enabled": "true",
		"spark.storage.decommission.rddBlocks.enabled":     "true",
	}
}

// end is what a driver is told.
type end struct {
	Ended        uint32 `json:"ended"`
	Code         int32  `json:"code"`
	Message      string `json:"message"`
	ProgramFault bool   `json:"program_fault"`
}

// shortage is what a driver is told when it cannot have all executors that it wants, and when that is over.
type shortage struct {
	Shortage  string `json:"shortage"`  // why, for people; empty: it is over
	Executors uint32 `json:"executors"` // how many it has
}

// leaving is what a driver is told of executors that it is to let go.
type leaving struct {
	Leaving []uint32 `json:"leaving"`
}

// told is what a connection was told.
type told struct {
	leaves []uint32
	ended  map[uint32]bool
	short  *shortage // nil: nothing yet
}

// tell writes every end once, from the first one on, and whether there is a shortage, at first and when that changes,
// until the connection is gone. A driver that connects again may have been told of a shortage that is over.
func (l *link) tell(conn net.Conn, wake, gone <-chan struct{}) {
	told := &told{ended: map[uint32]bool{}}
	for {
		if err := l.tellNew(conn, told); err != nil {
			_ = conn.Close() // the driver connects again
			return
		}
		select {
		case <-wake:
		case <-gone:
			return
		}
	}
}

// tellNew writes what was not told on this connection.
func (l *link) tellNew(conn net.Conn, told *told) error {
	l.mu.Lock()
	ended := l.ended
	leaves := l.leaves
	short := shortage{Shortage: l.short.GetMessage(), Executors: l.short.GetExecutors()}
	l.mu.Unlock()
	for _, peer := range ended {
		if told.ended[peer.GetNumber()] {
			continue
		}
		told.ended[peer.GetNumber()] = true
		err := say(conn, end{
			Ended:        peer.GetNumber(),
			Code:         peer.GetCode(),
			Message:      peer.GetMessage(),
			ProgramFault: peer.GetProgramFault(),
		})
		if err != nil {
			return err
		}
	}
	if !slices.Equal(leaves, told.leaves) {
		told.leaves = leaves
		if err := say(conn, leaving{leaves}); err != nil {
			return err
		}
	}
	if told.short != nil && *told.short == short {
		return nil
	}
	told.short = &short
	return say(conn, short)
}

// say writes a message to a driver.
func say(conn net.Conn, message any) error {
	line, err := json.Marshal(message)
	if err != nil {
		return err
	}
	_ = conn.SetWriteDeadline(time.Now().Add(writeWait))
	_, err = conn.Write(append(line, '\n'))
	return err
}
