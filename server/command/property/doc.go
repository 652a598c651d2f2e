// Package property merges the levels of properties that a run has: defaults of its release, classifications,
// parameters. It is pure, and knows no engine: which levels there are, and what a property means, is said by packages
// spark and hive.
//
//   - levels.go: properties by name, each with the field of the request that it came from
//   - read.go: what a property says, as a number or a flag
//   - refuse.go: errors about properties
//   - role_mapping.go: the properties by which a run assumes a role for each bucket
package property
