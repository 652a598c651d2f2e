// Command build builds the S3 server that tests run, unless it was built on this machine before.
//
//	go run ./internal/s3test/build
package main

import (
	"context"
	"fmt"
	"os"

	"github.com/headrace/headrace/internal/s3test"
)

func main() {
	program, err := s3test.Program(context.Background())
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	fmt.Println("the S3 server of tests is", program)
}
