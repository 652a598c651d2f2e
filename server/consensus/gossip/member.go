package gossip

import (
	"encoding/json"
	"fmt"
)

// Member is what a server tells the others about itself. It travels as JSON of at most 512 bytes; names are
// append-only.
type Member struct {
	ServerID        string `json:"i"`
	RaftAddress     string `json:"r"`           // host:port
	GRPCAddress     string `json:"g"`           // host:port
	HTTPAddress     string `json:"h"`           // host:port
	GossipAddress   string `json:"o,omitempty"` // host:port
	Version         string `json:"v"`           // of the program, for people
	LogVersion      uint32 `json:"l"`           // the newest log version that it reads
	BootstrapExpect int    `json:"e,omitempty"` // it waits for so many servers to begin a cluster; 0: it joins one
	HasState        bool   `json:"s,omitempty"` // it is or was part of a cluster
	Choice          string `json:"c,omitempty"` // the name of the choice of servers that would begin a cluster with it

	Status  Status `json:"-"` // what the others see
	leaving bool   // it said goodbye
}

// Status says what is known about a member.
type Status int

// The states of a member.
const (
	Alive  Status = iota // it answers
	Failed               // it does not answer; it may be back at any time
	Left                 // it said goodbye for good
)

// String returns the status for people.
func (s Status) String() string { return [...]string{"alive", "failed", "left"}[s] }

// encode returns the JSON; it panics when it is longer than limit, which Validate has excluded.
func (m Member) encode(limit int) []byte {
	data, err := json.Marshal(m)
	if err != nil || len(data) > limit {
		panic(fmt.Sprintf("a member's description has %d bytes, %d are possible (%v)", len(data), limit, err))
	}
	return data
}

func decode(data []byte) (Member, error) {
	var m Member
	if err := json.Unmarshal(data, &m); err != nil {
		return m, fmt.Errorf("cannot read a member's description: %w", err)
	}
	return m, nil
}
