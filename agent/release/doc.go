// Package release keeps releases on a machine's disk: it fetches, adds, packs, unpacks and finds them.
//
// A release is a directory <root>/<label> or, copied from the servers' cache, <root>/<label>@<digest>:
//
//	release.json   what it is; see Manifest. Written last: a directory that has it is complete and was verified.
//	spark/         an unmodified Spark distribution, the value of SPARK_HOME
//	s3/            the jars by which Spark reads and writes s3://, unless it was fetched without
//	java/          a Java runtime, where the machine that fetched it had none; the value of JAVA_HOME
//
// Everything is made in <root>/.<label>.partial and renamed to its folder, under a lock file that keeps two processes apart.
// What is complete is never fetched again, and never changed, but for s3/, which a later fetch may add.
//
// The digest decides, not the label: where the servers' cache has a label, workers run on exactly that archive, whatever a node holds
// under the label. So a label that an operator replaced is never served from an older copy, and who runs on that keeps it.
//
// Three ways lead there. Fetch asks the Python package registry, through the machine's own pip, so that a site's mirror and proxy
// settings hold; every archive has a pinned SHA-256; the jars for s3:// come through Spark's own Ivy, pinned too. FromDirectory, FromArchive and FromURL take a distribution that somebody
// brings. Store serves an agent: it finds a release in its roots or copies it, verified, from the servers' cache.
package release
