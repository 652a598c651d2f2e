package state

// Shape says which workers a run has, and how many. It is resolved when the run is accepted.
type Shape struct {
	Driver     WorkerType
	DriverSize Size
	Worker     WorkerType
	WorkerSize Size
	Initial    uint32 // workers that start together with the driver
	Minimum    uint32 // never fewer
	Maximum    uint32 // never more
	Batch      uint32 // placed per second once it runs
	Paced      bool   // no more is asked of the nodes than they have started
}
