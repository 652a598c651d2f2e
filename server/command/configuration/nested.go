package configuration

import specv1 "github.com/headrace/headrace/proto/headrace/spec/v1"

// Flat returns classifications and those that are nested in them, in the order in which they are written. Each counts
// as if it stood in the list by itself: nesting says nothing more, as in the original.
func Flat(all []*specv1.Configuration) []*specv1.Configuration {
	if !nested(all) {
		return all
	}
	var flat []*specv1.Configuration
	for _, c := range all {
		flat = append(flat, c)
		flat = append(flat, Flat(c.GetConfigurations())...)
	}
	return flat
}

func nested(all []*specv1.Configuration) bool {
	for _, c := range all {
		if len(c.GetConfigurations()) > 0 {
			return true
		}
	}
	return false
}
