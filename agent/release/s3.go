package release

import (
	"context"
	"encoding/hex"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"github.com/headrace/headrace/agent/guest"
	"github.com/headrace/headrace/internal/errs"
)

// s3Folder is where the jars of S3A are in a release: beside Spark, which stays as it was distributed.
const s3Folder = "s3"

// jarTimeout bounds the fetching of all jars of a release.
const jarTimeout = 15 * time.Minute

// jar is a jar of the jars' registry, which Spark's own Ivy resolves.
type jar struct {
	file, sha256 string
	size         int64
}

// s3Jars are what Spark needs to read and write s3://, by the version of Hadoop that it carries.
type s3Jars struct {
	hadoop string
	jars   []jar
}

// s3For returns the jars for a version of Spark, and whether they are known.
func s3For(spark string) (s3Jars, bool) {
	wildfly := jar{
		"wildfly-openssl-1.0.7.Final.jar",
		"9f7058778978ec2ad90c7224401a4b0013d93e0dd3fa0f72b25244ffa3507ca8",
		424076,
	}
	older := s3Jars{hadoop: "3.3.2", jars: []jar{
		{"hadoop-aws-3.3.2.jar", "f0f0cd9ea20aa7aecf38ce543bffd659747589fbe53ad8261a8c746f4008b419", 962696},
		{"aws-java-sdk-bundle-1.11.1026.jar", "fb76cae18466b95918b5b0ae9265ff15c394d0ec490d1ed5fe5068c385840b49", 226379782},
		wildfly,
	}}
	newer := s3Jars{hadoop: "3.3.4", jars: []jar{
		{"hadoop-aws-3.3.4.jar", "53f9ae03c681a30a50aa17524bd9790ab596b28481858e54efd989a826ed3a4a", 962685},
		{"aws-java-sdk-bundle-1.12.262.jar", "873fe7cf495126619997bec21c44de5d992544aea7e632fdc77adb1a0915bae5", 280645251},
		wildfly,
	}}
	switch {
	case strings.HasPrefix(spark, "3.3."):
		return older, true
	case strings.HasPrefix(spark, "3.4."), strings.HasPrefix(spark, "3.5."):
		return newer, true
	}
	return s3Jars{}, false
}

// addS3 brings the jars into a folder of the stage, verified. The release, which may be in use, has the Spark whose Ivy
// does it.
func (f FetchOptions) addS3(ctx context.Context, s *stage, r Release, java string) (folder string, err error) {
	wanted, known := s3For(r.EngineVersion)
	if !known {
		return "", errs.New(errs.Invalid,
			"cannot fetch the jars for s3:// of Spark %s: they are not known; go on with --without-s3", r.EngineVersion)
	}
	folder = s.path(s3Folder)
	if err := os.RemoveAll(folder); err != nil {
		return "", errs.New(errs.Unavailable, "cannot clean the release cache: %w", err)
	}
	var total int64
	for _, j := range wanted.jars {
		total += j.size
	}
	step := begin(f.Progress, "S3A for Hadoop "+wanted.hadoop+": download", total)
	if err := f.resolve(ctx, s, r, java, wanted.hadoop, step); err != nil {
		return "", err
	}
	for _, j := range wanted.jars {
		got, err := fileDigest(filepath.Join(folder, j.file))
		if err != nil {
			return "", errs.New(errs.Unavailable, "cannot find %s among the jars that were fetched: %w", j.file, err)
		}
		if hex.EncodeToString(got) != j.sha256 {
			return "", digestError(j.file, j.sha256, hex.EncodeToString(got))
		}
	}
	step.end()
	return folder, keepOnly(folder, wanted.jars)
}

// keepOnly removes every file that is not pinned.
func keepOnly(folder string, jars []jar) error {
	entries, err := os.ReadDir(folder)
	if err != nil {
		return err
	}
	pinned := map[string]bool{}
	for _, j := range jars {
		pinned[j.file] = true
	}
	for _, entry := range entries {
		if !pinned[entry.Name()] {
			if err := os.RemoveAll(filepath.Join(folder, entry.Name())); err != nil {
				return err
			}
		}
	}
	return nil
}

// resolve has Spark's own Ivy fetch hadoop-aws with what it needs. A site's settings are those of Ivy:
// ~/.ivy2/ivysettings.xml.
func (f FetchOptions) resolve(ctx context.Context, s *stage, r Release, java, hadoop string, step *step) error {
	ctx, cancel := context.WithTimeout(ctx, jarTimeout)
	defer cancel()
	cache := s.path("ivy")
	defer func() { _ = os.RemoveAll(cache) }()
	args := []string{
		"-cp", filepath.Join(r.SparkHome, "jars", "*"), "org.apache.ivy.Main", "-cache", cache, "-confs", "default",
		"-dependency", "org.apache.hadoop", "hadoop-aws", hadoop,
		"-retrieve", filepath.Join(s.path(s3Folder), "[artifact]-[revision].[ext]"),
	}
	if userHome, err := os.UserHomeDir(); err == nil {
		if settings := filepath.Join(userHome, ".ivy2", "ivysettings.xml"); exists(settings) {
			args = append(args, "-settings", settings)
		}
	}
	command := exec.CommandContext(ctx, filepath.Join(java, "bin", "java"), args...)
	said := &tail{limit: keepOutput}
	command.Stdout, command.Stderr = said, said
	command.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	command.Cancel = func() error { return syscall.Kill(-command.Process.Pid, syscall.SIGKILL) }
	command.WaitDelay = 5 * time.Second
	if err := command.Start(); err != nil {
		return errs.New(errs.Unavailable, "cannot start Java for the jars of s3://: %w", err)
	}
	stop := watchFolder(step, cache)
	err := command.Wait()
	stop()
	if err != nil {
		return errs.New(
			errs.Unavailable,
			"cannot fetch the jars for s3:// (hadoop-aws %s) from the registry of jars; check the network and "+
				"~/.ivy2/ivysettings.xml, or go on with --without-s3: %w\n%s",
			hadoop,
			err,
			lastLines(said.String(), 6),
		)
	}
	return nil
}

// watchFolder reports the size of what lies in a folder until the returned function is called, which waits for its end.
func watchFolder(step *step, folder string) (stop func()) {
	return step.watch(func() int64 {
		bytes, _ := guest.Measure(folder)
		return bytes
	})
}

// s3Of returns the folder of S3A's jars of a release; empty: it has none.
func s3Of(dir string) string {
	if folder := filepath.Join(dir, s3Folder); exists(folder) {
		return folder
	}
	return ""
}

// upgrade adds the jars for s3:// to a release that was fetched without them. Nothing that is there changes.
func (f FetchOptions) upgrade(ctx context.Context, s *stage, r Release) (Release, error) {
	if err := s.clean(); err != nil {
		return Release{}, errs.New(errs.Unavailable, "cannot clean the release cache: %w", err)
	}
	java, err := r.JavaOn(ctx, f.machine)
	if err != nil {
		return Release{}, err
	}
	folder, err := f.addS3(ctx, s, r, java)
	if err != nil {
		return Release{}, err
	}
	if err := syncAll(f.Root); err != nil {
		return Release{}, errs.New(errs.Unavailable, "cannot write the release to disk: %w", err)
	}
	if err := os.Rename(folder, filepath.Join(r.Dir, s3Folder)); err != nil {
		return Release{}, errs.New(errs.Unavailable, "cannot move the jars for s3:// into the release: %w", err)
	}
	if err := os.RemoveAll(s.dir()); err != nil {
		return Release{}, errs.New(errs.Unavailable, "cannot remove what is left over: %w", err)
	}
	return Find([]string{f.Root}, f.Label)
}

// lacksS3 says whether a release cannot read s3:// and could: it was fetched without the jars, or brings none of its
// own.
func (r Release) lacksS3() bool {
	own, _ := filepath.Glob(filepath.Join(r.SparkHome, "jars", "hadoop-aws-*.jar"))
	_, known := s3For(r.EngineVersion)
	return known && r.S3Dir == "" && len(own) == 0
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}
