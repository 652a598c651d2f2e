// Package privacy hides, in answers of the API, what their caller may not read. It is driven by the protos: fields with
// the option private hold text that a user wrote or a user's program said, and a field that is added there is hidden
// from then on.
//
//	hide.go   a Reader hides what is private in an answer: all of it but what its caller may read
//	whose.go  whose a message is: created_by or, of what belongs to a job run, who submitted that
//	mask.go   the mask in a request: what somebody was not shown must not come back as a value
//
// If no message around a private field says whose it is, it is nobody's, and only operators see it. Who may read what
// is not decided here.
package privacy
