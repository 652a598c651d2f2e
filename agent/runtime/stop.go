package runtime

import "time"

// wish is the content of stop.json.
type wish struct {
	Reason      Reason `json:"reason"`
	GraceMillis int64  `json:"grace_millis"` // between the polite stop and the kill
}

// defaultGrace is for a SIGTERM without a wish, such as that of a machine that shuts down.
const defaultGrace = 10 * time.Second

// readWish returns what a SIGTERM to the shim means.
func readWish(path string) wish {
	w := wish{Reason: Stopped, GraceMillis: defaultGrace.Milliseconds()}
	if _, err := readJSON(path, &w); err != nil {
		return wish{Reason: Stopped, GraceMillis: defaultGrace.Milliseconds()}
	}
	return w
}

func (w wish) grace() time.Duration { return time.Duration(w.GraceMillis) * time.Millisecond }
