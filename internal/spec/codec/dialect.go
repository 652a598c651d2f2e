package codec

// Dialect is a way to write messages. It reads and writes trees: Decode, Encode, Given, Path.
type Dialect uint8

// The dialects.
const (
	// API is how bodies of the HTTP API are written, with paths such as initialCapacity.Driver.workerConfiguration.cpu.
	API Dialect = iota
	// File is how files and flags are written, with paths such as initialCapacity[Driver].workerConfiguration.cpu.
	File
)
