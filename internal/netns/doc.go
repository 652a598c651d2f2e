// Package netns helps tests that make network namespaces of their own.
package netns
