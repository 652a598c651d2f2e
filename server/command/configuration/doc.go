// Package configuration says which settings hold for a run: its own over those that it inherits from its application. The rules are
// those of the original (specification of applications, section 6):
//
//   - Classifications are merged whole. What the run says of one replaces all that the application said of it; a classification
//     without properties removes it.
//   - Monitoring is merged per type. An empty S3 configuration removes it, an empty managed one returns to the default, which is on,
//     and a log service that is not enabled is none.
//
// Check says which classifications an engine has on a release. The package is pure. What properties mean is the business of
// packages spark and hive.
package configuration
