package state

// Monitoring says where a run's logs and metrics go besides its nodes. A part that is nil was not said.
type Monitoring struct {
	S3         *S3Monitoring
	Managed    *ManagedPersistence
	LogService *LogService
	Prometheus *PrometheusMonitoring
}

// S3Monitoring sends logs to an object store; the zero value removes what was inherited.
type S3Monitoring struct {
	LogURI           string
	EncryptionKeyARN string
}

// ManagedPersistence keeps logs in the cluster's own storage.
type ManagedPersistence struct {
	Enabled          *bool // nil: yes
	EncryptionKeyARN string
}

// LogService sends logs to a log service.
type LogService struct {
	Enabled             bool
	LogGroupName        string
	LogStreamNamePrefix string
	EncryptionKeyARN    string
	LogTypes            []LogTypes // empty: all
}

// LogTypes are the logs of one type of worker, such as STDOUT of SPARK_DRIVER.
type LogTypes struct {
	WorkerType string
	Logs       []string
}

// PrometheusMonitoring sends metrics to a remote Prometheus.
type PrometheusMonitoring struct {
	RemoteWriteURL string
}

// Settings are what a run inherits from its application.
type Settings struct {
	Configuration []Configuration
	Monitoring    *Monitoring // nil: nothing was said
}
