package storage

import (
	"bytes"
	"crypto/x509"
	"net"
	"os"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	awsconfig "github.com/aws/aws-sdk-go-v2/config"

	"github.com/headrace/headrace/internal/errs"
)

const (
	attempts     = 4                // of one request
	maxPause     = 5 * time.Second  // between two attempts
	dialTimeout  = 5 * time.Second  // of one attempt to connect
	smallTimeout = 30 * time.Second // of a request without content, with all its attempts
	// silence is how long a connection may wait for bytes, which is also how long 64 MiB, the largest content of one
	// request, may take to be sent.
	silence = 2 * time.Minute
)

// options says how the AWS files are read and how requests are made.
func (c Config) options() ([]option, error) {
	options := requestOptions()
	if c.Region != "" {
		options = append(options, awsconfig.WithRegion(c.Region))
	}
	if c.CredentialsFile != "" { // the environment stands before a profile, unless the profile is named
		options = append(
			options,
			awsconfig.WithSharedCredentialsFiles([]string{c.CredentialsFile}),
			awsconfig.WithSharedConfigProfile(c.profile()),
		)
	}
	if c.CAFile == "" {
		return options, nil
	}
	authorities, err := c.authorities()
	if err != nil {
		return nil, err
	}
	return append(options, awsconfig.WithCustomCABundle(bytes.NewReader(authorities))), nil
}

// option is an option of the AWS files' reader.
type option = func(*awsconfig.LoadOptions) error

// requestOptions are the options that every configuration has.
func requestOptions() []option {
	client := awshttp.NewBuildableClient().
		WithReadTimeout(silence).
		WithDialerOptions(func(d *net.Dialer) { d.Timeout = dialTimeout })
	return []option{
		awsconfig.WithDefaultRegion("us-east-1"),
		// Checksums in trailers are refused by some services other than AWS.
		awsconfig.WithRequestChecksumCalculation(aws.RequestChecksumCalculationWhenRequired),
		awsconfig.WithResponseChecksumValidation(aws.ResponseChecksumValidationWhenRequired),
		awsconfig.WithHTTPClient(client),
		awsconfig.WithRetryer(newRetryer),
	}
}

// newRetryer returns what decides whether and when a request is tried again.
func newRetryer() aws.Retryer {
	return retry.NewStandard(func(o *retry.StandardOptions) {
		o.MaxAttempts = attempts
		o.MaxBackoff = maxPause
	})
}

// authorities returns the certificates in CAFile.
func (c Config) authorities() ([]byte, error) {
	authorities, err := os.ReadFile(c.CAFile)
	if err != nil {
		return nil, errs.New(
			errs.Invalid,
			"cannot read who signs the object store's certificate; correct object_store.ca_file: %w",
			err,
		)
	}
	if !x509.NewCertPool().AppendCertsFromPEM(authorities) {
		return nil, errs.New(
			errs.Invalid,
			"cannot find a certificate in %s; object_store.ca_file must be PEM",
			c.CAFile,
		)
	}
	return authorities, nil
}
