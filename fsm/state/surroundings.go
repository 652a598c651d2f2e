package state

// Surroundings is what an application's workers run in, and who may use it how. It is kept and shown; nothing acts on it yet. A
// part that is nil was not said.
type Surroundings struct {
	Image             *Image
	WorkerImages      []WorkerImage // at most one per type
	Network           *Network
	DiskEncryption    *DiskEncryption
	Interactive       *Interactive
	IdentityCenter    *IdentityCenter
	JobCostAllocation *bool
}

// Image is an OCI image.
type Image struct {
	URI         string
	ResolveOnce *bool // its digest is looked up once per application; nil: not said
}

// WorkerImage is the image of one type of worker, which its user wrote so.
type WorkerImage struct {
	WorkerType string
	Image      Image
}

// Network names networks and who may talk in them.
type Network struct {
	SubnetIDs        []string
	SecurityGroupIDs []string
}

// DiskEncryption says how the disks of workers are encrypted.
type DiskEncryption struct {
	Context map[string]string
	KeyARN  string
}

// Interactive says in which ways people may work with an application; nil: not said.
type Interactive struct {
	Studio, Livy, Session *bool
}

// IdentityCenter says where an application's users come from.
type IdentityCenter struct {
	InstanceARN        string
	BackgroundSessions *bool // go on when their users have gone; nil: not said
}

// ExecutionPolicy bounds what a run's identity may do. It is kept and shown; nothing acts on it yet.
type ExecutionPolicy struct {
	Policy string
	ARNs   []string
}
