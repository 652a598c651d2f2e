// Package configuration says which settings hold for a run: its own over those that it inherits from its application.
// The rules are those of the original (specification of applications, section 6):
//
//   - Classifications are merged whole. What the run says of a classification replaces all that the application said of
//     it. A classification without properties removes it.
//   - Monitoring is merged per type. An empty S3 configuration removes the application's. An empty managed one returns
//     to the default, which is on. A log service that is not enabled is none.
//
// Check says which classifications an engine has on a release. The package is pure. Packages spark and hive say what
// properties mean.
//
//	effective.go   one over the other, classification by classification
//	nested.go      classifications in classifications
//	monitoring.go  monitoring, type by type
//	check.go       the classifications of each engine; log4j2.go: settings that cannot be changed
package configuration
