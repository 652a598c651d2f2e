package wire

// Enabled is a switch.
type Enabled struct {
	Enabled *bool `json:"enabled,omitempty"`
}

// Configuration is one classification with its properties.
type Configuration struct {
	Classification string            `json:"classification" api:"required"`
	Properties     map[string]string `json:"properties,omitempty" api:"blank"`
	Configurations []Configuration   `json:"configurations,omitempty"`
}

// MonitoringConfiguration says where logs and metrics go.
type MonitoringConfiguration struct {
	S3         *S3Monitoring `json:"s3MonitoringConfiguration,omitempty"`
	Managed    *Managed      `json:"managedPersistenceMonitoringConfiguration,omitempty"`
	CloudWatch *CloudWatch   `json:"cloudWatchLoggingConfiguration,omitempty"`
	Prometheus *Prometheus   `json:"prometheusMonitoringConfiguration,omitempty"`
}

// S3Monitoring sends logs to an object store.
type S3Monitoring struct {
	LogURI           string `json:"logUri,omitempty"`
	EncryptionKeyARN string `json:"encryptionKeyArn,omitempty"`
}

// Managed keeps logs in the cluster's own storage.
type Managed struct {
	Enabled          *bool  `json:"enabled,omitempty"`
	EncryptionKeyARN string `json:"encryptionKeyArn,omitempty"`
}

// CloudWatch sends logs to a log service.
type CloudWatch struct {
	Enabled             bool                `json:"enabled" api:"required"`
	LogGroupName        string              `json:"logGroupName,omitempty"`
	LogStreamNamePrefix string              `json:"logStreamNamePrefix,omitempty"`
	EncryptionKeyARN    string              `json:"encryptionKeyArn,omitempty"`
	LogTypes            map[string][]string `json:"logTypes,omitempty"`
}

// Prometheus sends metrics to a remote Prometheus.
type Prometheus struct {
	RemoteWriteURL string `json:"remoteWriteUrl,omitempty"`
}

// DiskEncryption says how the disks of workers are encrypted.
type DiskEncryption struct {
	Context map[string]string `json:"encryptionContext,omitempty"`
	KeyARN  string            `json:"encryptionKeyArn,omitempty"`
}

// Utilization is what workers held, in hours.
type Utilization struct {
	VCPUHour      float64 `json:"vCPUHour"`
	MemoryGBHour  float64 `json:"memoryGBHour"`
	StorageGBHour float64 `json:"storageGBHour"`
}

// Tags are tags by key.
type Tags map[string]string
