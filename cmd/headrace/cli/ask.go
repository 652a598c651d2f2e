package cli

import (
	"bufio"
	"context"
	"strings"

	"github.com/headrace/headrace/cmd/headrace/output"
)

// ask puts a question on the error stream and reads the answer; anything but yes is no.
func ask(ctx context.Context, env Env, question string) (bool, error) {
	if err := output.Print(env.Err, "%s [y/N] ", question); err != nil {
		return false, err
	}
	answer, err := within(ctx, func() (string, error) { return bufio.NewReader(env.In).ReadString('\n') })
	if ctx.Err() != nil {
		return false, ctx.Err()
	}
	if err != nil && answer == "" {
		return false, nil // the end of the input is no yes
	}
	switch strings.ToLower(strings.TrimSpace(answer)) {
	case "y", "yes":
		return true, nil
	}
	return false, nil
}
