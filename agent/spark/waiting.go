package spark

import (
	"bufio"
	"context"
	"crypto/subtle"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"time"

	"github.com/headrace/headrace/agent/runtime"
)

// waiting is a JVM that rehearses and waits, and the connection to it. It speaks JSON lines: the JVM says {"hello":
// token}, then {"ready": true} or {"failed": why}; the agent says {"start": ...} and the JVM {"started": true}. One
// goroutine at a time uses it.
type waiting struct {
	needs    needs
	command  runtime.Command
	token    string
	listener net.Listener
	conn     net.Conn // nil: the JVM has not called
	lines    *bufio.Scanner
}

// Command returns what to run.
func (w *waiting) Command() runtime.Command { return w.command }

// Ready returns when the JVM has rehearsed.
func (w *waiting) Ready(ctx context.Context) error {
	stopListening := context.AfterFunc(ctx, func() { _ = w.listener.Close() })
	conn, err := w.listener.Accept()
	stopListening()
	if err != nil {
		return errors.Join(ctx.Err(), err)
	}
	w.conn = conn
	w.lines = bufio.NewScanner(conn)
	w.lines.Buffer(make([]byte, 0, 4096), maxLine)
	stop := context.AfterFunc(ctx, func() { _ = conn.Close() })
	defer stop()
	if err := w.greeted(); err != nil {
		return errors.Join(ctx.Err(), err)
	}
	return w.rehearsed(ctx)
}

// greeted reads the first message, which proves that the JVM called.
func (w *waiting) greeted() error {
	var said struct{ Hello string }
	err := w.hear(&said)
	if err != nil || subtle.ConstantTimeCompare([]byte(said.Hello), []byte(w.token)) != 1 {
		const text = "who called on the socket of a process that waits did not know its token"
		return errors.Join(err, errors.New(text))
	}
	return nil
}

// rehearsed reads how the rehearsal went.
func (w *waiting) rehearsed(ctx context.Context) error {
	var said struct {
		Ready  bool
		Failed string
	}
	if err := w.hear(&said); err != nil {
		return errors.Join(ctx.Err(), err)
	}
	if !said.Ready {
		return fmt.Errorf("its rehearsal failed: %s", said.Failed)
	}
	return nil
}

// hear reads one message.
func (w *waiting) hear(message any) error {
	if !w.lines.Scan() {
		return errors.Join(errors.New("the process that waits has closed its connection"), w.lines.Err())
	}
	return json.Unmarshal(w.lines.Bytes(), message)
}

// Differs says what a worker needs and this JVM lacks.
func (w *waiting) Differs(worker runtime.Command) string {
	over, known := worker.Handover.(handover)
	if !known {
		return "its program cannot be handed over"
	}
	return over.needs.missing(w.needs)
}

// Begin tells the JVM what to do.
func (w *waiting) Begin(ctx context.Context, worker runtime.Command) error {
	over, known := worker.Handover.(handover)
	if !known {
		return errors.New("its program cannot be handed over")
	}
	line, err := json.Marshal(map[string]start{"start": over.start})
	if err != nil {
		return err
	}
	deadline, ok := ctx.Deadline()
	if !ok {
		deadline = time.Now().Add(helloWait)
	}
	_ = w.conn.SetDeadline(deadline)
	if _, err := w.conn.Write(append(line, '\n')); err != nil {
		return err
	}
	var said struct{ Started bool }
	if err := w.hear(&said); err != nil {
		return err
	}
	if !said.Started {
		return errors.New("the process that waits did not start")
	}
	return nil
}

// Close ends the connection. A JVM that was told nothing ends with it.
func (w *waiting) Close() {
	_ = w.listener.Close()
	if w.conn != nil {
		_ = w.conn.Close()
	}
}
