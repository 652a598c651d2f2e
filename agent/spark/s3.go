package spark

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"math"
	"path"
	"path/filepath"
	"strings"

	"github.com/headrace/headrace/internal/errs"
	"github.com/headrace/headrace/internal/storage"
)

// s3Source is what people are told instead of the text of the settings, which hold a secret.
const s3Source = "the object store of the agent's settings"

// inS3 says whether a URI is one of object storage.
func inS3(uri string) bool {
	return strings.HasPrefix(uri, "s3://") || strings.HasPrefix(uri, "s3a://") || strings.HasPrefix(uri, "s3n://")
}

// storageURI returns a URI of object storage as package storage wants it.
func storageURI(uri string) string {
	_, rest, _ := strings.Cut(uri, "://")
	return "s3://" + rest
}

// s3Settings returns how Spark reads and writes s3://.
func (e *Engine) s3Settings(ctx context.Context) (map[string]string, error) {
	settings := map[string]string{
		// There is none for Hadoop's other interface, fs.AbstractFileSystem.s3.impl: Hadoop's class refuses every scheme but
		// s3a, and Spark keeps checkpoints of streams by file systems where that interface has nobody.
		"fs.s3.impl":  "org.apache.hadoop.fs.s3a.S3AFileSystem",
		"fs.s3n.impl": "org.apache.hadoop.fs.s3a.S3AFileSystem",
		// Deleting the markers of folders above every file that is written costs requests, and some services refuse it.
		"fs.s3a.directory.marker.retention": "keep",
	}
	maps.Copy(settings, endpointSettings(e.config.ObjectStore))
	if e.config.ObjectStore != (storage.Config{}) {
		keys, err := e.storage.Credentials(ctx)
		if err != nil {
			return nil, refused("cannot give the worker access to object storage: %v", err)
		}
		maps.Copy(settings, keySettings(keys))
	}
	return settings, nil
}

// endpointSettings returns where S3A finds its service.
func endpointSettings(c storage.Config) map[string]string {
	settings := map[string]string{}
	if c.Endpoint != "" {
		settings["fs.s3a.endpoint"] = c.Endpoint
		settings["fs.s3a.connection.ssl.enabled"] = fmt.Sprint(strings.HasPrefix(c.Endpoint, "https://"))
	}
	if c.Region != "" {
		settings["fs.s3a.endpoint.region"] = c.Region
	}
	if c.PathStyle {
		settings["fs.s3a.path.style.access"] = "true"
	}
	return settings
}

// keySettings returns the keys with which S3A calls its service.
func keySettings(keys storage.Credentials) map[string]string {
	settings := map[string]string{"fs.s3a.access.key": keys.AccessKeyID, "fs.s3a.secret.key": keys.SecretAccessKey}
	if keys.SessionToken != "" {
		settings["fs.s3a.session.token"] = keys.SessionToken
		settings["fs.s3a.aws.credentials.provider"] = "org.apache.hadoop.fs.s3a.TemporaryAWSCredentialsProvider"
	}
	return settings
}

// fetchS3 brings a file of object storage into the working directory, of at most so many bytes. A file that cannot be
// read fails the attempt, and the error names its URI: another node would not read it either, unless the service does
// not answer.
func (e *Engine) fetchS3(ctx context.Context, p layout, uri, to string, limit int64, mode fs.FileMode) (
	written int64, err error,
) {
	content, info, err := e.storage.Read(ctx, storageURI(uri), 0)
	if err != nil {
		return 0, s3Error(uri, err)
	}
	defer func() { _ = content.Close() }()
	if info.Size > limit {
		return 0, tooLong(uri, fmt.Sprintf("its %d bytes are", info.Size), limit)
	}
	return p.save(uri, content, to, limit, mode)
}

// save writes what is read to a file of the worker's, of at most so many bytes: a service may say no size, or a wrong
// one.
func (p layout) save(uri string, content io.Reader, to string, limit int64, mode fs.FileMode) (
	written int64, err error,
) {
	file, err := p.home.Work.Create(to, mode)
	if err != nil {
		return 0, refused("cannot write %s: %v", uri, err)
	}
	written, err = io.Copy(file, io.LimitReader(content, limit))
	if closed := file.Close(); err == nil {
		err = closed
	}
	if err != nil {
		return written, refused("cannot fetch %s: %v", uri, err)
	}
	if more, _ := io.ReadFull(content, make([]byte, 1)); written == limit && more > 0 {
		return written, tooLong(uri, "it is", limit)
	}
	return written, nil
}

func tooLong(uri, how string, limit int64) error {
	return notFound("cannot fetch %s: %s more than the %d bytes of disk that the worker has left", uri, how, limit)
}

func s3Error(uri string, err error) error {
	if errs.Is(err, errs.Unavailable) || errs.Is(err, errs.Internal) {
		return refused("cannot fetch %s: %v", uri, err)
	}
	if errs.Is(err, errs.Unauthorized) || errs.Is(err, errs.Forbidden) {
		return denied("cannot fetch %s: %v", uri, err)
	}
	return notFound("cannot fetch %s: %v", uri, err)
}

// fetchEntry brings an entry point of object storage into the working directory, under its own name.
func (e *Engine) fetchEntry(ctx context.Context, p layout, uri string, diskMiB int64) (string, error) {
	name := path.Base(storageURI(uri))
	if name == "" || name == "." || name == "/" || name == ownFolder {
		return "", notFound("cannot fetch the entry point %s: it names no file", uri)
	}
	name = strings.Map(plain, name)
	_, err := e.fetchS3(ctx, p, uri, name, room(diskMiB), 0o600)
	return filepath.Join(p.work(), name), err
}

// plain replaces what Spark would not take as a part of a file's name: it reads the path of an entry point as a URI.
func plain(r rune) rune {
	if strings.ContainsRune("#?%", r) {
		return '_'
	}
	return r
}

// room returns how many bytes a worker's disk has, in MiB; without a size there is no bound.
func room(diskMiB int64) int64 { return cmp.Or(diskMiB<<20, math.MaxInt64) }
