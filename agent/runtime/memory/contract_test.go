package memory_test

import (
	"context"
	"errors"
	"io"
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/headrace/headrace/agent/runtime"
	"github.com/headrace/headrace/internal/errs"
)

func TestContract_AWorkerEndsAsItsProgramDoesAndItsLogsAreThere(t *testing.T) {
	both(t, func(t *testing.T, w world) {
		r, id := w.open(), w.id("w")
		if _, err := r.OpenLog(id, "stdout"); !errs.Is(err, errs.NotFound) {
			t.Errorf("before it began its log gave %v", err)
		}
		worker := start(t, r, runtime.Spec{ID: id, Command: command(says), Logs: "a/b"})
		if exit := ended(t, worker); exit != (runtime.Exit{Reason: runtime.Exited, Code: 3}) || worker.ID() != id {
			t.Errorf("%s ended as %+v", worker.ID(), exit)
		}
		out, said := r.Tail(id, "stdout", 3), r.Tail(id, "stderr", 100)
		if string(out) != "ut\n" || string(said) != "err\n" {
			t.Errorf("the logs end in %q and %q", out, said)
		}
		log, err := r.OpenLog(id, "stdout")
		must(t, err)
		defer log.Close()
		part := make([]byte, 10)
		if n, err := log.ReadAt(part, 1); string(part[:n]) != "ut\n" || !errors.Is(err, io.EOF) {
			t.Errorf("from byte 1 on it reads %q, %v", part[:n], err)
		}
		if begins, ends := log.Data(1); begins != 1 || ends != 4 {
			t.Errorf("the data behind byte 1 is from %d to %d", begins, ends)
		}
		if begins, _ := log.Data(4); begins != math.MaxInt64 {
			t.Errorf("behind the end there is data at %d", begins)
		}
	})
}

func TestContract_WhatCannotBeStartedIsRefusedAndFound(t *testing.T) {
	both(t, func(t *testing.T, w world) {
		r := w.open()
		for name, want := range map[string]runtime.Reason{missing: runtime.FileNotFound, "": runtime.StartRefused} {
			id := w.id("refused" + strings.ReplaceAll(name, "/", "-"))
			home, err := r.MakeHome(id, runtime.HomeOptions{})
			must(t, err)
			home.Close()
			what := command(name)
			if name == "" {
				what.Args = nil
			}
			_, err = r.Start(runtime.Spec{ID: id, Command: what})
			var refusal *runtime.Refusal
			if !errors.As(err, &refusal) || refusal.Exit.Reason != want {
				t.Errorf("starting %q gave %v", name, err)
			}
			found, err := w.open().Adopt()
			must(t, err)
			i := slices.Index(ids(found), id)
			if i < 0 {
				t.Fatalf("%s is not found among %v", id, ids(found))
			}
			if exit := ended(t, found[i]); exit.Reason != want {
				t.Errorf("it is found with %+v", exit)
			}
		}
		if _, err := r.Start(runtime.Spec{ID: w.id("homeless"), Command: command(hangs)}); err == nil {
			t.Error("a worker without a home was started")
		}
	})
}

func TestContract_StopIsPoliteFirstAndThenKills(t *testing.T) {
	both(t, func(t *testing.T, w world) {
		r := w.open()
		one := start(t, r, runtime.Spec{ID: w.id("polite"), Command: command(polite)})
		ready(t, r, one.ID())
		must(t, one.Stop(runtime.Stopped, time.Hour))
		if exit := ended(t, one); exit != (runtime.Exit{Reason: runtime.Stopped, Code: 7}) {
			t.Errorf("who is polite ended as %+v", exit)
		}
		must(t, one.Stop(runtime.Stopped, 0)) // once more
		two := start(t, r, runtime.Spec{ID: w.id("stubborn"), Command: command(stubborn)})
		ready(t, r, two.ID())
		must(t, two.Stop(runtime.LeaseEnded, time.Hour))
		must(t, two.Stop(runtime.LeaseEnded, 10*time.Millisecond)) // the shorter grace counts
		if exit := ended(t, two); exit != (runtime.Exit{Reason: runtime.LeaseEnded, Code: 137, Signal: 9}) {
			t.Errorf("who is stubborn ended as %+v", exit)
		}
	})
}

func TestContract_TheLeaseEndsWhoDoesNotGoOnWithoutIt(t *testing.T) {
	both(t, func(t *testing.T, w world) {
		r := w.open()
		keeps := start(t, r, runtime.Spec{ID: w.id("keeps"), Command: command(hangs), KeepOnDisconnect: true})
		moved := start(t, r, runtime.Spec{ID: w.id("moved"), Command: command(hangs)})
		must(t, r.MoveLease(r.Now().Add(time.Hour))) // who is there hears of it
		deadline := r.Now().Add(300 * time.Millisecond)
		must(t, r.MoveLease(deadline))
		ends := start(t, r, runtime.Spec{ID: w.id("ends"), Command: command(hangs)})
		if exit := ended(t, ends); exit.Reason != runtime.LeaseEnded || exit.Code != 137 || r.Now() < deadline {
			t.Errorf("it ended as %+v, %s after its lease", exit, r.Now().Sub(deadline))
		}
		if got := w.open(); got.LeaseDeadline() <= deadline {
			t.Errorf("the lease that the next agent finds ends at %d", got.LeaseDeadline())
		}
		if exit, over := keeps.Exit(); over {
			t.Errorf("who goes on without a lease ended as %+v", exit)
		}
		_ = moved // on a real machine it hears only at the end of the lease that it knows, and in memory at once
	})
}

func TestContract_WorkersOutliveTheirAgentAndAreFound(t *testing.T) {
	both(t, func(t *testing.T, w world) {
		r, live, over, gone, never := w.open(), w.id("live"), w.id("over"), w.id("gone"), w.id("never")
		deadline := r.LeaseDeadline()
		watched := start(t, r, runtime.Spec{ID: live, Command: command(hangs)})
		ended(t, start(t, r, runtime.Spec{ID: over, Command: command(says)}))
		ended(t, start(t, r, runtime.Spec{ID: gone, Command: command(says)}))
		must(t, r.Forget(gone))
		must(t, r.MakeDir(never))
		must(t, r.Keep(live, "note", []byte("old")))
		must(t, r.Keep(live, "note", []byte("new")))
		must(t, r.Keep(never, "note", nil))
		r.Close()
		if _, known := watched.Exit(); known {
			t.Error("it ended with its agent")
		}
		<-watched.Done()
		next := w.open()
		if next.LeaseDeadline() < deadline || next.BootID() != r.BootID() {
			t.Errorf("the machine is another one: boot %s, was %s", next.BootID(), r.BootID())
		}
		found, err := next.Adopt()
		must(t, err)
		if want := []string{live, over}; !slices.Equal(ids(found), want) {
			t.Fatalf("found %v, want %v", ids(found), want)
		}
		if content, err := next.Kept(live, "note"); string(content) != "new" {
			t.Errorf("kept is %q, %v", content, err)
		}
		for _, id := range []string{over, never} {
			if _, err := next.Kept(id, "note"); !nothing(err) {
				t.Errorf("of %s there is a note: %v", id, err)
			}
		}
		if _, err := next.Home(live); err != nil {
			t.Error(err)
		}
		must(t, found[0].Stop(runtime.Stopped, time.Minute))
		if exit := ended(t, found[0]); exit.Reason != runtime.Stopped || exit.Code != 143 {
			t.Errorf("it ended as %+v", exit)
		}
		if exit := ended(t, found[1]); exit.Code != 3 || string(next.Tail(over, "stdout", 9)) != "out\n" {
			t.Errorf("what was over is found with %+v", exit)
		}
	})
}

func TestContract_EndsAreRecordedOfWhoNeverRan(t *testing.T) {
	both(t, func(t *testing.T, w world) {
		r, refused, unwanted := w.open(), w.id("refused"), w.id("unwanted")
		must(t, r.MakeDir(refused))
		denied := runtime.Exit{Reason: runtime.AccessDenied, Message: "no"}
		must(t, r.RecordRefusal(runtime.Spec{ID: refused, Logs: "x/y"}, denied))
		must(t, r.MakeDir(unwanted))
		must(t, r.RecordEnd(unwanted, runtime.Exit{Reason: runtime.Stopped}))
		if err := r.RecordEnd(w.id("nobody"), runtime.Exit{}); !nothing(err) {
			t.Errorf("the end of nobody gave %v", err)
		}
		if said := r.Tail(refused, "stderr", 100); string(said) != "no\n" {
			t.Errorf("people read %q", said)
		}
		found, err := w.open().Adopt()
		must(t, err)
		if len(found) != 2 {
			t.Fatalf("found %v", ids(found))
		}
		one, two := ended(t, found[0]), ended(t, found[1])
		if one.Reason != runtime.AccessDenied || two.Reason != runtime.Stopped {
			t.Errorf("they are found with %+v and %+v", one, two)
		}
	})
}

func TestContract_AProcessThatWaitsBecomesAWorker(t *testing.T) {
	both(t, func(t *testing.T, w world) {
		r, id := w.open(), w.id("run")
		waiting := start(t, r, runtime.Spec{ID: runtime.ForSlot.NewID(), Command: command(polite)})
		ready(t, r, waiting.ID())
		home, err := r.MakeHome(id, runtime.HomeOptions{Of: waiting})
		must(t, err)
		home.Close()
		must(t, r.Keep(id, "note", []byte("mine")))
		if !r.SameUser(id, waiting) || r.Unconfirmed(id) {
			t.Error("it has another user, or was taken before")
		}
		taken, err := r.Take(waiting, runtime.Spec{ID: id, Logs: "a/b"})
		must(t, err)
		if _, known := waiting.Exit(); known || taken.ID() != id || !r.Unconfirmed(id) {
			t.Errorf("%s waited, and %s was taken", waiting.ID(), taken.ID())
		}
		must(t, r.Confirm(id))
		if said := r.Tail(id, "stdout", 9); r.Unconfirmed(id) || len(said) != 0 {
			t.Errorf("its log begins with %q", said)
		}
		r.Close()
		next := w.open()
		found, err := next.Adopt()
		must(t, err)
		if len(found) != 1 || found[0].ID() != id || next.Unconfirmed(id) {
			t.Fatalf("found %v", ids(found))
		}
		if content, err := next.Kept(id, "note"); string(content) != "mine" {
			t.Errorf("kept is %q, %v", content, err)
		}
		must(t, found[0].Stop(runtime.Stopped, time.Hour))
		if exit := ended(t, found[0]); exit.Code != 7 || exit.Reason != runtime.Stopped {
			t.Errorf("it ended as %+v", exit)
		}
	})
}

func TestContract_ADeadProcessIsNotTaken(t *testing.T) {
	both(t, func(t *testing.T, w world) {
		r, id := w.open(), w.id("run")
		waiting := start(t, r, runtime.Spec{ID: runtime.ForSlot.NewID(), Command: command(says)})
		ended(t, waiting)
		home, err := r.MakeHome(id, runtime.HomeOptions{})
		must(t, err)
		home.Close()
		if taken, err := r.Take(waiting, runtime.Spec{ID: id, Logs: "a/b"}); err == nil {
			t.Errorf("took %s", taken.ID())
		}
	})
}

func TestContract_DiscardLeavesNothing(t *testing.T) {
	both(t, func(t *testing.T, w world) {
		r := w.open()
		waiting := start(t, r, runtime.Spec{ID: runtime.ForSlot.NewID(), Command: command(stubborn)})
		must(t, errors.Join(r.Weigh(waiting, true), r.Weigh(waiting, false)))
		must(t, r.Discard(waiting))
		never := runtime.ForHistory.NewID()
		home, err := r.MakeHome(never, runtime.HomeOptions{})
		must(t, err)
		home.Close()
		must(t, r.RemoveDir(never))
		for _, id := range []string{waiting.ID(), never} {
			if _, err := r.OpenLog(id, "stdout"); !errs.Is(err, errs.NotFound) {
				t.Errorf("of %s there is a log: %v", id, err)
			}
			if _, err := r.Home(id); err == nil {
				t.Errorf("of %s there is a home", id)
			}
		}
		if found, err := w.open().Adopt(); err != nil || len(found) != 0 {
			t.Errorf("found %v, %v", ids(found), err)
		}
	})
}

func TestContract_CleanRemovesWhatWasForgottenLongAgo(t *testing.T) {
	both(t, func(t *testing.T, w world) {
		r, old, kept := w.open(), w.id("old"), w.id("kept")
		for _, id := range []string{old, kept} {
			ended(t, start(t, r, runtime.Spec{ID: id, Command: command(says)}))
		}
		if err := r.Forget(w.id("nobody")); !nothing(err) {
			t.Errorf("forgetting nobody gave %v", err)
		}
		must(t, r.Forget(old))
		must(t, r.Clean(time.Now()))
		if removed, _ := r.Removed(old); removed || len(r.Tail(old, "stdout", 9)) == 0 {
			t.Error("what was just forgotten is gone")
		}
		then := time.Now().Add(2 * time.Hour)
		must(t, r.Clean(then))
		if removed, since := r.Removed(old); !removed || !since.Equal(then) {
			t.Errorf("removed is %v since %v", removed, since)
		}
		_, err := r.OpenLog(old, "stdout")
		if !errs.Is(err, errs.NotFound) || !strings.Contains(err.Error(), then.UTC().Format(time.RFC3339)) {
			t.Errorf("its log gives %v", err)
		}
		if removed, _ := r.Removed(kept); removed || len(r.Tail(kept, "stdout", 9)) == 0 {
			t.Error("what nobody forgot is gone")
		}
	})
}

func TestContract_AnErrandSaysWhatItsProgramDid(t *testing.T) {
	both(t, func(t *testing.T, w world) {
		r := w.open()
		errand := func(script string) runtime.Errand {
			prepare := func(*runtime.Home) (runtime.Command, error) { return command(script), nil }
			return runtime.Errand{Quiet: true, Prepare: prepare}
		}
		stdout, stderr, err := r.Run(t.Context(), errand(says))
		if err == nil || !strings.Contains(err.Error(), "code 3") {
			t.Errorf("its program ended with code 3, and the error is %v", err)
		}
		if string(stdout) != "out\n" || string(stderr) != "err\n" {
			t.Errorf("it said %q and %q", stdout, stderr)
		}
		ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
		defer cancel()
		if _, _, err := r.Run(ctx, errand(stubborn)); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("an errand that nobody waits for gave %v", err)
		}
		if found, err := w.open().Adopt(); err != nil || len(found) != 0 {
			t.Errorf("%v are left, %v", ids(found), err)
		}
	})
}

func TestContract_NobodyListensWhereNoWorkerDoes(t *testing.T) {
	both(t, func(t *testing.T, w world) {
		r := w.open()
		worker := start(t, r, runtime.Spec{ID: w.id("w"), Command: command(hangs)})
		if own, err := r.Listens(worker.ID(), 1); own || err != nil {
			t.Errorf("it listens at port 1: %v, %v", own, err)
		}
		if _, err := r.Listens(w.id("nobody"), 1); err == nil {
			t.Error("nobody may listen")
		}
	})
}

func TestContract_IdsAreFileNames(t *testing.T) {
	both(t, func(t *testing.T, w world) {
		r := w.open()
		for _, id := range []string{"", ".", "..", "a/b", "../a", ".hidden"} {
			_, err := r.MakeHome(id, runtime.HomeOptions{})
			if !errs.Is(err, errs.Invalid) || !errs.Is(r.MakeDir(id), errs.Invalid) {
				t.Errorf("%q is an id", id)
			}
		}
		for _, stream := range []string{"", "secrets", "../stdout"} {
			if _, err := r.OpenLog("w", stream); !errs.Is(err, errs.Invalid) {
				t.Errorf("%q is a log: %v", stream, err)
			}
		}
		if _, err := r.OpenLog("../w", "stdout"); !errs.Is(err, errs.Invalid) {
			t.Errorf("../w has logs: %v", err)
		}
	})
}
