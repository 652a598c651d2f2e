package runtime

import "time"

// stopRequest is the content of stop.json.
type stopRequest struct {
	Reason      Reason `json:"reason"`
	GraceMillis int64  `json:"grace_millis"` // between the polite stop and the kill
}

// defaultGrace is for a SIGTERM without a request, such as that of a machine that shuts down.
const defaultGrace = 10 * time.Second

// readStopRequest returns what a SIGTERM to the shim means.
func readStopRequest(path string) stopRequest {
	request := stopRequest{Reason: Stopped, GraceMillis: defaultGrace.Milliseconds()}
	if _, err := readJSON(path, &request); err != nil {
		return stopRequest{Reason: Stopped, GraceMillis: defaultGrace.Milliseconds()}
	}
	return request
}

func (r stopRequest) grace() time.Duration { return time.Duration(r.GraceMillis) * time.Millisecond }
