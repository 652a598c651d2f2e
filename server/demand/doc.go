// Package demand holds what running Spark drivers want: how many executors, which of them to stop, and how executors
// find their driver. Drivers change their minds every second, so this stays in the leader's memory and never enters the
// log; agents say it again to every new leader. Package dispatch writes it and reads what executors must know; package
// placement reads the targets, and says which executors there cannot be now, which dispatch tells their drivers.
//
//	demand.go    the newest demand of every attempt
//	shortage.go  executors that a driver wants and cannot have now
//	withdraw.go  executors that are given up before they run, as their driver no longer waits for them
package demand
