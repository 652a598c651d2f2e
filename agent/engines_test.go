package agent

import "github.com/headrace/headrace/agent/engine"

// Names of package engine, for tests whose engines are called engine.
type (
	Engines    = engine.Engines
	StartError = engine.StartError
)
