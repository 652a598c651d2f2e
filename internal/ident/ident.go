// Package ident knows how things are named: ids, which are lower-case ULIDs made at the door before anything is proposed, and
// ARNs.
package ident

import "fmt"

// Length is the length of every id.
const Length = 26

// Source makes ids. Only the door has a real one; decisions get theirs with their Meta.
type Source interface {
	// NewID returns an id that was never returned before and sorts after those before it.
	NewID() string
}

// Valid says whether s has the shape of an id.
func Valid(s string) bool {
	if len(s) != Length {
		return false
	}
	for i := range len(s) {
		if c := s[i]; (c < '0' || c > '9') && (c < 'a' || c > 'z') {
			return false
		}
	}
	return true
}

// ApplicationARN names an application for the outside world.
func ApplicationARN(region, account, application string) string {
	return fmt.Sprintf("arn:aws:emr-serverless:%s:%s:/applications/%s", region, account, application)
}

// JobRunARN names a job run for the outside world.
func JobRunARN(region, account, application, run string) string {
	return ApplicationARN(region, account, application) + "/jobruns/" + run
}

// ValidAccount says whether s is an account id: 12 digits.
func ValidAccount(s string) bool {
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return len(s) == 12
}
