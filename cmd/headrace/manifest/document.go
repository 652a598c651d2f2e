package manifest

import "fmt"

// The kinds of documents.
const (
	KindApplication = "Application"
	KindJobRun      = "JobRun"
)

// The bounds of one source.
const (
	// MostBytes is the largest file that is read.
	MostBytes     = 4 << 20
	mostDocuments = 1000
)

// ApplicationDocument is an application in a file. It is known by its name.
type ApplicationDocument struct {
	Kind string      `yaml:"kind"`
	Name string      `yaml:"name"`
	Spec Application `yaml:"spec"`

	at place
}

// JobRunDocument is a job run in a file.
type JobRunDocument struct {
	Kind string `yaml:"kind"`
	Name string `yaml:"name"`
	// Application is the id or the name of the application that it belongs to.
	Application string `yaml:"application"`
	// ClientToken says which run it is; empty: its name and content do. See Token.
	ClientToken string `yaml:"clientToken,omitempty"`
	Spec        JobRun `yaml:"spec"`

	at place
}

// place is where a document begins.
type place struct {
	source string
	line   int
}

// Where says where the document stands, as file:line.
func (p place) String() string { return fmt.Sprintf("%s:%d", p.source, p.line) }

// Where returns where the document begins, as file:line.
func (d *ApplicationDocument) Where() string { return d.at.String() }

// Where returns where the document begins, as file:line.
func (d *JobRunDocument) Where() string { return d.at.String() }

// Token returns the client token with which the run is submitted to an application: the given one, or one of its name and content.
func (d *JobRunDocument) Token(application string) string {
	if d.ClientToken != "" {
		return d.ClientToken
	}
	return "apply-" + d.Spec.digest(application, d.Name)
}

// MarkTag is the tag by which a run that was applied is found again, after the cluster has forgotten its client token too.
const MarkTag = "headrace.apply"

// Mark returns the value of MarkTag: the token, and the content after a slash.
func (d *JobRunDocument) Mark(application string) string {
	return d.Token(application) + "/" + d.Spec.digest(application, d.Name)
}
