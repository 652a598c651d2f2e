package config

import (
	"github.com/spf13/pflag"

	"github.com/headrace/headrace/internal/storage"
)

// bindObjectStore adds the flags of object storage. Its secrets stand in files.
func bindObjectStore(o *storage.Config, flags *pflag.FlagSet) {
	flags.StringVar(&o.Endpoint, "object-store-endpoint", o.Endpoint, "URL of an S3-compatible service; empty: AWS")
	flags.StringVar(&o.Region, "object-store-region", o.Region, "region that requests to object storage are signed for")
	flags.BoolVar(&o.PathStyle, "object-store-path-style", o.PathStyle,
		"put buckets into the path, as most services other than AWS want it")
	flags.StringVar(&o.CredentialsFile, "object-store-credentials-file", o.CredentialsFile,
		"file in the form of ~/.aws/credentials")
	flags.StringVar(&o.Profile, "object-store-profile", o.Profile, "profile in that file; empty: default")
	flags.StringVar(&o.CAFile, "object-store-ca-file", o.CAFile,
		"PEM file of the authorities that sign the endpoint's certificate")
}
