package privacy

import "google.golang.org/protobuf/reflect/protoreflect"

// The fields by which a message says whose it is.
const (
	createdBy = "created_by"
	jobRunID  = "job_run_id"
)

// whose returns who created what a message shows: as it says itself or, of what belongs to a job run, who submitted
// that.
func (r Reader) whose(m protoreflect.Message) (user string, known bool) {
	fields := m.Descriptor().Fields()
	if field := fields.ByName(createdBy); field != nil {
		return m.Get(field).String(), true
	}
	if field := fields.ByName(jobRunID); field != nil {
		return r.SubmittedBy(m.Get(field).String()), true
	}
	return "", false
}
