// Package sim simulates a cluster around the pure core: the real decisions, state machine and planner, on a virtual
// clock and in one goroutine, with everything else played by small models. One seed gives one history, record for
// record, so a failure is found again by its seed.
//
//	sim.go      Run, and the loop
//	clock.go    virtual time: what happens when
//	door.go     decisions become records; leaders change, records get lost, come late and are void
//	replica.go  servers that apply the log at their own pace, take snapshots, and start again from them
//	node.go     machines with their agents: leases, assignments, reports until acknowledged
//	process.go  what runs on a machine, and how it ends
//	fault.go    what goes wrong
//	user.go     those who submit, cancel, start and stop, and repeat themselves
//	slot.go     pre-initialised slots on a machine: prepared, or refused
//	driver.go   what drivers of Spark want
//	settings.go updates and tags
//	planner.go  the scheduler's loop around the real proposal; deadlines
//	nonsense.go proposals that nobody may believe
//	check.go    the invariants
//
// The invariants are those of the design: no slot is given twice (I1), every accepted run comes to an end once faults
// stop (I2), nothing is used beyond what there is (I3), at most one attempt lives (I4), transitions happen once and
// along the graph (I5), all servers have the same history (I6), what was acknowledged stays (I7), what is fenced no
// longer acts (I8), a client token makes one run (I9), derived figures equal a recount (I10), states are equal at the
// same record (I11), an end is for ever (I12). Beyond them, processes are compared across machines: a replacement never
// runs beside the original.
package sim
