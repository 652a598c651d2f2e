package wire

// ApplicationSettings is what both creating and updating an application may say of it.
type ApplicationSettings struct {
	InitialCapacity      map[string]InitialCapacity         `json:"initialCapacity,omitempty"`
	MaximumCapacity      *MaximumCapacity                   `json:"maximumCapacity,omitempty"`
	AutoStart            *Enabled                           `json:"autoStartConfiguration,omitempty"`
	AutoStop             *AutoStop                          `json:"autoStopConfiguration,omitempty"`
	Network              *Network                           `json:"networkConfiguration,omitempty"`
	Architecture         string                             `json:"architecture,omitempty"`
	Image                *Image                             `json:"imageConfiguration,omitempty"`
	WorkerTypes          map[string]WorkerTypeSpecification `json:"workerTypeSpecifications,omitempty"`
	RuntimeConfiguration []Configuration                    `json:"runtimeConfiguration,omitempty"`
	Monitoring           *MonitoringConfiguration           `json:"monitoringConfiguration,omitempty"`
	DiskEncryption       *DiskEncryption                    `json:"diskEncryptionConfiguration,omitempty"`
	Interactive          *Interactive                       `json:"interactiveConfiguration,omitempty"`
	Scheduler            *Scheduler                         `json:"schedulerConfiguration,omitempty"`
	IdentityCenter       *IdentityCenter                    `json:"identityCenterConfiguration,omitempty"`
	JobCostAllocation    *Enabled                           `json:"jobLevelCostAllocationConfiguration,omitempty"`
}

// CreateApplicationRequest says what to create.
type CreateApplicationRequest struct {
	Name         string `json:"name"`
	ReleaseLabel string `json:"releaseLabel" api:"required"`
	Type         string `json:"type" api:"required"`
	ClientToken  string `json:"clientToken" api:"required"`
	Tags         Tags   `json:"tags" api:"blank"`
	ApplicationSettings
}

// CreateApplicationResponse is what was created.
type CreateApplicationResponse struct {
	ApplicationID string `json:"applicationId"`
	Name          string `json:"name,omitempty"`
	ARN           string `json:"arn"`
}

// UpdateApplicationRequest says what to change.
type UpdateApplicationRequest struct {
	ClientToken  string  `json:"clientToken" api:"required"`
	ReleaseLabel *string `json:"releaseLabel"`
	ApplicationSettings
}

// ApplicationResponse is an application.
type ApplicationResponse struct {
	Application Application `json:"application"`
}

// Application is an application in full.
type Application struct {
	ApplicationID string  `json:"applicationId"`
	Name          string  `json:"name,omitempty"`
	ARN           string  `json:"arn"`
	ReleaseLabel  string  `json:"releaseLabel"`
	Type          string  `json:"type"`
	State         string  `json:"state"`
	StateDetails  string  `json:"stateDetails"`
	CreatedAt     Seconds `json:"createdAt"`
	UpdatedAt     Seconds `json:"updatedAt"`
	Tags          Tags    `json:"tags"`
	ApplicationSettings
}

// ListApplicationsResponse is a page of applications.
type ListApplicationsResponse struct {
	Applications []ApplicationSummary `json:"applications"`
	NextToken    string               `json:"nextToken,omitempty"`
}

// ApplicationSummary is an application in a list.
type ApplicationSummary struct {
	ID           string  `json:"id"`
	Name         string  `json:"name,omitempty"`
	ARN          string  `json:"arn"`
	ReleaseLabel string  `json:"releaseLabel"`
	Type         string  `json:"type"`
	State        string  `json:"state"`
	StateDetails string  `json:"stateDetails"`
	CreatedAt    Seconds `json:"createdAt"`
	UpdatedAt    Seconds `json:"updatedAt"`
	Architecture string  `json:"architecture,omitempty"`
}

// InitialCapacity is workers of one type that are held ready.
type InitialCapacity struct {
	WorkerCount   int64        `json:"workerCount" api:"required"`
	Configuration *WorkerShape `json:"workerConfiguration,omitempty"`
}

// WorkerShape is what a worker holds.
type WorkerShape struct {
	CPU      string `json:"cpu" api:"required"`
	Memory   string `json:"memory" api:"required"`
	Disk     string `json:"disk,omitempty"`
	DiskType string `json:"diskType,omitempty"`
}

// MaximumCapacity is the most that workers may hold together.
type MaximumCapacity struct {
	CPU    string `json:"cpu,omitempty" api:"required"`
	Memory string `json:"memory,omitempty" api:"required"`
	Disk   string `json:"disk,omitempty"`
}

// AutoStop says whether and when an idle application stops.
type AutoStop struct {
	Enabled            *bool  `json:"enabled,omitempty"`
	IdleTimeoutMinutes *int64 `json:"idleTimeoutMinutes,omitempty" api:"min=1"`
}

// Network names networks and who may talk in them.
type Network struct {
	SubnetIDs        []string `json:"subnetIds,omitempty"`
	SecurityGroupIDs []string `json:"securityGroupIds,omitempty"`
}

// Image is the image of workers; the digest is in answers only.
type Image struct {
	URI            string `json:"imageUri,omitempty"`
	ResolvedDigest string `json:"resolvedImageDigest,omitempty"`
	ResolveOnce    *bool  `json:"applicationLevelDigestResolution,omitempty"`
}

// WorkerTypeSpecification is what is particular to a type of worker.
type WorkerTypeSpecification struct {
	Image *Image `json:"imageConfiguration,omitempty"`
}

// Interactive says in which ways people may work with an application.
type Interactive struct {
	Studio  *bool `json:"studioEnabled,omitempty"`
	Livy    *bool `json:"livyEndpointEnabled,omitempty"`
	Session *bool `json:"sessionEnabled,omitempty"`
}

// Scheduler bounds what runs at once.
type Scheduler struct {
	QueueTimeoutMinutes *int64 `json:"queueTimeoutMinutes,omitempty" api:"min=1"`
	MaxConcurrentRuns   *int32 `json:"maxConcurrentRuns,omitempty" api:"min=1"`
}

// IdentityCenter says where an application's users come from.
type IdentityCenter struct {
	InstanceARN        string `json:"identityCenterInstanceArn,omitempty"`
	BackgroundSessions *bool  `json:"userBackgroundSessionsEnabled,omitempty"`
}
