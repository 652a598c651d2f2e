package storage

import (
	"context"
	"fmt"
	"log/slog"

	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/headrace/headrace/internal/errs"
)

// Credentials sign requests to S3. Printed or logged they show the key's id only.
type Credentials struct {
	AccessKeyID     string
	SecretAccessKey string
	// SessionToken is empty for keys that last.
	SessionToken string
}

// Format writes the key's id, whatever the verb.
func (c Credentials) Format(to fmt.State, _ rune) { fmt.Fprint(to, "credentials ", c.AccessKeyID) }

// LogValue returns the key's id.
func (c Credentials) LogValue() slog.Value { return slog.StringValue(fmt.Sprint(c)) }

// Credentials returns what requests to S3 are signed with now. If they expire, they are renewed. The error is
// Unauthorized if there are none.
func (c *Client) Credentials(ctx context.Context) (Credentials, error) {
	connection, err := c.s3.connect(ctx)
	if err != nil {
		return Credentials{}, err
	}
	ctx, cancel := context.WithTimeoutCause(ctx, smallTimeout, errNoAnswer)
	defer cancel()
	found, err := connection.config.Credentials.Retrieve(ctx)
	if err != nil {
		return Credentials{}, err
	}
	return Credentials{
		AccessKeyID:     found.AccessKeyID,
		SecretAccessKey: found.SecretAccessKey,
		SessionToken:    found.SessionToken,
	}, nil
}

// keys provides credentials to the S3 client. Its errors are Unauthorized, by which they differ from the service's.
type keys struct {
	from   aws.CredentialsProvider
	config Config
}

// Retrieve returns the credentials.
func (k keys) Retrieve(ctx context.Context) (aws.Credentials, error) {
	found, err := k.from.Retrieve(ctx)
	switch {
	case err == nil:
		return found, nil
	case ctx.Err() != nil:
		return found, k.config.unusable(errs.Unavailable, err)
	}
	return found, k.config.unusable(errs.Unauthorized, err)
}

// unusable returns the error that says that there are no credentials.
func (c Config) unusable(kind errs.Kind, cause error) error {
	e := errs.New(kind, "cannot load credentials for S3; %s", c.remedy())
	e.Cause = cause
	return e
}

// remedy says what to do about credentials.
func (c Config) remedy() string {
	if c.CredentialsFile == "" {
		return "set object_store.credentials_file, or give credentials as AWS tools take them"
	}
	return fmt.Sprintf("correct profile %s in %s", c.profile(), c.CredentialsFile)
}

// profile returns the profile in CredentialsFile.
func (c Config) profile() string {
	if c.Profile == "" {
		return "default"
	}
	return c.Profile
}
