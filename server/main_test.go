package server_test

import (
	"testing"

	"github.com/headrace/headrace/internal/testcluster"
)

// TestMain proves that nothing is left running.
func TestMain(m *testing.M) { testcluster.Main(m) }
