// Package avoidance remembers which nodes could lately not prepare a pre-initialised slot of an application, so that
// the slot is reserved elsewhere and the node is tried again later. Package dispatch hears of it from agents; package
// placement asks. It lives in the leader's memory: a new leader tries every node again, which costs one refusal each.
package avoidance
