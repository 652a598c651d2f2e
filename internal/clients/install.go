package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// installedFile says, in a client's folder, what was installed there.
const installedFile = "installed"

// python installs packages of the Python registry into a virtual environment.
func python(requirements ...string) func(context.Context, string) error {
	return once(strings.Join(requirements, " "), func(ctx context.Context, dir string) error {
		venv := filepath.Join(dir, "venv")
		if err := quietly(ctx, dir, "python3", "-m", "venv", "--clear", venv); err != nil {
			return err
		}
		install := []string{filepath.Join(venv, "bin", "pip"), "install", "--quiet", "--disable-pip-version-check"}
		return quietly(ctx, dir, append(install, requirements...)...)
	})
}

// node installs a package of JavaScript's registry.
func node(requirement string) func(context.Context, string) error {
	return once(requirement, func(ctx context.Context, dir string) error {
		if err := os.RemoveAll(filepath.Join(dir, "node_modules")); err != nil {
			return err
		}
		install := []string{"npm", "install", "--silent", "--no-audit", "--no-fund", "--no-save", "--prefix", dir}
		return quietly(ctx, dir, append(install, requirement)...)
	})
}

// installed wants a program that the system has.
func installed(name, how string) func(context.Context, string) error {
	return func(context.Context, string) error {
		if _, err := exec.LookPath(name); err != nil {
			return fmt.Errorf("%s is not installed: %s", name, how)
		}
		return nil
	}
}

// once installs unless exactly that was installed before.
func once(what string, install func(ctx context.Context, dir string) error) func(context.Context, string) error {
	return func(ctx context.Context, dir string) error {
		mark := filepath.Join(dir, installedFile)
		if had, err := os.ReadFile(mark); err == nil && string(had) == what {
			return nil
		}
		if err := install(ctx, dir); err != nil {
			return err
		}
		return os.WriteFile(mark, []byte(what), 0o644)
	}
}

// quietly runs a program, and shows what it said only if it fails.
func quietly(ctx context.Context, dir string, args ...string) error {
	command := exec.CommandContext(ctx, args[0], args[1:]...) //nolint:gosec // they are ours
	command.Dir = dir
	if out, err := command.CombinedOutput(); err != nil {
		return fmt.Errorf("%s: %w\n%s", args[0], err, tailOf(string(out), 3000))
	}
	return nil
}
