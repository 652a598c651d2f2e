package storage

import (
	"net/url"

	"github.com/headrace/headrace/internal/errs"
)

// Config says how object storage is reached. The zero value reaches AWS itself, with what the environment and the
// user's AWS files say. Secrets stand in files only: neither flags nor settings have them.
type Config struct {
	// Endpoint is the URL of an S3-compatible service, such as https://minio.example.com:9000; empty: AWS.
	Endpoint string `yaml:"endpoint,omitempty"`
	// Region is the region that requests are signed for; empty: what the AWS files say, else us-east-1.
	Region string `yaml:"region,omitempty"`
	// PathStyle puts the bucket into the path instead of the host's name, as most services other than AWS want it.
	PathStyle bool `yaml:"path_style,omitempty"`
	// CredentialsFile is a file in the form of ~/.aws/credentials; empty: the usual chain of AWS SDKs.
	CredentialsFile string `yaml:"credentials_file,omitempty"`
	// Profile is the profile in CredentialsFile; empty: default.
	Profile string `yaml:"profile,omitempty"`
	// CAFile has the authorities that sign the endpoint's certificate, PEM; empty: the system's.
	CAFile string `yaml:"ca_file,omitempty"`
}

// Validate names the first setting that is wrong.
func (c Config) Validate() error {
	if c.Endpoint == "" {
		return nil
	}
	if !isHTTP(c.Endpoint) {
		return errs.Field(
			"object_store.endpoint",
			"cannot reach %q: give http:// or https:// with a host and port only",
			c.Endpoint,
		)
	}
	return nil
}

// isHTTP says whether a URL names a service by its host and port, and has no user and no query.
func isHTTP(endpoint string) bool {
	u, err := url.Parse(endpoint)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" {
		return false
	}
	return u.Host != "" && u.User == nil && u.RawQuery == ""
}
