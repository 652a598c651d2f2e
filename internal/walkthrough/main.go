package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"
	"time"
)

func main() {
	from := flag.Int("from", 0, "begin at this line of the first page")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, *from, flag.Args()); err != nil {
		fmt.Fprintln(os.Stderr, "walkthrough:", err)
		os.Exit(1)
	}
}

// run walks pages, from the root of the checkout.
func run(ctx context.Context, from int, pages []string) (err error) {
	if len(pages) == 0 {
		return errors.New("name the pages to walk")
	}
	root, err := os.Getwd()
	if err != nil {
		return err
	}
	dir := filepath.Join(root, "build", "walkthrough")
	if err := os.RemoveAll(dir); err != nil {
		return err
	}
	w := &walker{root: root, dir: dir, from: from}
	defer func() { err = errors.Join(err, w.close()) }()
	for _, page := range pages {
		began := time.Now()
		if err := w.walk(ctx, page); err != nil {
			return err
		}
		fmt.Printf("\nwalked %s in %.0f s\n", page, time.Since(began).Seconds())
		w.from = 0
	}
	return nil
}
