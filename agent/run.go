package agent

import (
	"context"
	"errors"
	"sync"
)

// Run adopts the workers that are there, and serves the cluster until the context ends. When it returns, all that it
// started has stopped; workers only if Config.StopWorkers says so. An engine that is an io.Closer is closed last. It is
// called once.
//
// The rooms end one after another, each before those that it uses: no more is heard from servers, then no worker is
// advanced and nobody reads, then what they used ends.
func (a *Agent) Run(ctx context.Context) error {
	unlock, err := lock(a.config.DataDir)
	if err != nil {
		return err
	}
	defer unlock()
	defer a.close()
	if err := a.fleet.Adopt(); err != nil {
		return err
	}
	used := begin(ctx, a.slots.Run, a.histories.Run, a.shipper.Run, a.guard.Run, a.clean)
	using := begin(ctx, a.fleet.Run, a.data.Run, a.begun)
	err = a.sessions.Run(ctx)
	if a.config.StopWorkers {
		a.fleet.StopAll()
	}
	return errors.Join(err, using.end(), used.end())
}

// begun calls Config.Begun.
func (a *Agent) begun(ctx context.Context) error {
	if a.config.Begun != nil {
		a.config.Begun(ctx)
	}
	return nil
}

// close lets go what the agent holds. Nothing runs any more.
func (a *Agent) close() {
	a.runtime.Close()
	a.guard.close()
	a.servers.Close()
	if err := a.engines.Close(); err != nil {
		a.config.Logger.Error("cannot close an engine", "error", err)
	}
}

// rooms are some that run and end together.
type rooms struct {
	stop    context.CancelFunc
	running sync.WaitGroup
	errs    []error
}

// begin runs rooms until end is called, also after the context has ended: the caller decides when that is.
func begin(ctx context.Context, all ...func(context.Context) error) *rooms {
	ctx, stop := context.WithCancel(context.WithoutCancel(ctx))
	r := &rooms{stop: stop, errs: make([]error, len(all))}
	for i, run := range all {
		r.running.Go(func() { r.errs[i] = run(ctx) })
	}
	return r
}

// end ends the rooms and waits for them.
func (r *rooms) end() error {
	r.stop()
	r.running.Wait()
	return errors.Join(r.errs...)
}
