// Package smalldisk helps tests that need a disk which is soon full.
package smalldisk
