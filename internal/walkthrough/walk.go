package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// walker walks pages, one after another.
type walker struct {
	root      string // of the checkout
	dir       string // what readers keep lies here, and machines
	from      int    // the line that the first page is walked from
	terminals []*terminal
}

// tour is one page that is being walked.
type tour struct {
	*walker
	network *network
	shells  map[string]*shell // by machine; "" is the reader's own
}

// walk walks a page.
func (w *walker) walk(ctx context.Context, path string) error {
	blocks, err := readPage(path)
	if err != nil {
		return err
	}
	t := &tour{walker: w, shells: map[string]*shell{}}
	dir := filepath.Join(w.dir, strings.TrimSuffix(filepath.Base(path), ".md"))
	defer func() { t.network.close() }() // also if not all of it could be opened
	if err := t.open(ctx, dir, machinesOf(blocks)); err != nil {
		return err
	}
	for _, b := range blocks {
		if !b.walked() || b.line < w.from {
			continue
		}
		if err := t.block(ctx, b); err != nil {
			t.network.showLogs(os.Stdout)
			return fmt.Errorf("%v: %w", b, err)
		}
	}
	return nil
}

// open makes the machines of a page, and a shell on each. Without any the reader's own is this machine.
func (t *tour) open(ctx context.Context, dir string, names []string) (err error) {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	path := filepath.Join(t.root, "bin")
	if len(names) > 0 {
		path = machinePath // machines have what their page installs
		if t.network, err = newNetwork(ctx, t.root, dir, append([]string{reader}, names...)); err != nil {
			return err
		}
	}
	for _, name := range append([]string{""}, names...) {
		if t.shells[name], err = newShell(t.network.machine(name), dir, name, t.root, path); err != nil {
			return err
		}
	}
	return nil
}

// block runs a block, or writes it, wherever the page says so.
func (t *tour) block(ctx context.Context, b block) error {
	machines := b.machines
	if len(machines) == 0 {
		machines = []string{""}
	}
	for _, name := range machines {
		if name == reader {
			name = ""
		}
		fmt.Printf("\n--- %v%s\n%s\n", b, strings.TrimSuffix(" on "+name, " on "), strings.TrimRight(b.text, "\n"))
		if err := t.run(ctx, b, t.shells[name]); err != nil {
			return err
		}
	}
	return nil
}

func (t *tour) run(ctx context.Context, b block, on *shell) error {
	script := b.script()
	if b.until == "" {
		return on.run(ctx, script)
	}
	terminal, err := on.open(ctx, script, b.until)
	if err != nil {
		return err
	}
	terminal.of = b
	t.terminals = append(t.terminals, terminal)
	return nil
}

// close ends what goes on in terminals of its own, and says what of it failed.
func (w *walker) close() (err error) {
	for _, t := range w.terminals {
		if failed := t.close(); failed != nil {
			err = errors.Join(err, fmt.Errorf("%v: in its terminal: %w", t.of, failed))
		}
	}
	return err
}
