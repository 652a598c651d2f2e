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

// NodeMetadata is the metadata of gRPC calls in which an agent names its node's id.
const NodeMetadata = "headrace-node-id"

// MaxNodeName is the longest name of a node, in characters: it becomes a part of a DNS name.
const MaxNodeName = 63

// NodeNameRule says what a node's name is, for messages.
const NodeNameRule = "1 to 63 lower-case letters, digits, dots, dashes and underscores, " +
	"of which the first is a letter or a digit"

// ValidNodeName says whether s may name a node. There is one spelling: certificates carry the name as a part of a DNS
// name, which does not tell upper from lower case.
func ValidNodeName(s string) bool {
	for i := range len(s) {
		c := s[i]
		letter := c >= '0' && c <= '9' || c >= 'a' && c <= 'z'
		if !letter && (i == 0 || c != '.' && c != '-' && c != '_') {
			return false
		}
	}
	return len(s) >= 1 && len(s) <= MaxNodeName
}

// TokenRule says what a client token or the id of a request is, for messages.
const TokenRule = "1 to 64 letters, digits, dots, dashes and underscores"

// ValidToken says whether s may be a client token or the id of a request.
func ValidToken(s string) bool {
	for i := range len(s) {
		c := s[i]
		letter := c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z'
		if !letter && c != '.' && c != '-' && c != '_' {
			return false
		}
	}
	return len(s) >= 1 && len(s) <= 64
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
