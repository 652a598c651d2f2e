package manifest

import (
	"maps"

	"google.golang.org/protobuf/proto"

	"github.com/headrace/headrace/cmd/headrace/output"
	"github.com/headrace/headrace/internal/spec/codec"
	controlv1 "github.com/headrace/headrace/proto/headrace/control/v1"
	specv1 "github.com/headrace/headrace/proto/headrace/spec/v1"
)

// JobRunDocument is a job run in a file.
type JobRunDocument struct {
	Name string
	// Application is the id or the name of the application that it belongs to.
	Application string
	// ClientToken identifies the run. If it is empty, name and content do; see Token.
	ClientToken string
	// Spec is what the file says, without the name.
	Spec *specv1.JobRun

	position
}

// JobRunOf returns a document that starts a run of the cluster again. Values that look like secrets are hidden. If the
// run has no name, its id becomes the name, because documents are known by their names.
func JobRunOf(r *controlv1.JobRun) *JobRunDocument {
	said := output.WithoutSecrets(r.GetSpec())
	said.ClearName()
	delete(said.GetTags(), MarkTag)
	d := &JobRunDocument{Name: r.GetSpec().GetName(), Application: r.GetApplicationId(), Spec: said}
	if d.Name == "" {
		d.Name = r.GetJobRunId()
	}
	return d
}

func (d *JobRunDocument) node() *codec.Node {
	return object(
		KindJobRun,
		d.Spec,
		[2]string{"name", d.Name},
		[2]string{"application", d.Application},
		[2]string{"clientToken", d.ClientToken},
	)
}

// whole returns all that the document says, with the name.
func (d *JobRunDocument) whole() *specv1.JobRun {
	all := proto.CloneOf(d.Spec)
	all.SetName(d.Name)
	return all
}

// All returns every value that the document says, as additions: what is started.
func (d *JobRunDocument) All() []Change { return compare(nil, codec.Leaves(d.Spec)) }

// Token returns the client token with which the run is submitted to an application: that of the document, or a digest
// of application, name and content.
func (d *JobRunDocument) Token(application string) string {
	if d.ClientToken != "" {
		return d.ClientToken
	}
	return "apply-" + digest(d.Spec, application, d.Name)
}

// MarkTag is the tag by which apply finds a run that it started, even after the cluster has forgotten the client token.
const MarkTag = "headrace.apply"

// Mark returns the value of MarkTag: the token, and the content after a slash.
func (d *JobRunDocument) Mark(application string) string {
	return d.Token(application) + "/" + digest(d.Spec, application, d.Name)
}

// Start returns the request that submits the run to an application, with the mark.
func (d *JobRunDocument) Start(application string) *controlv1.StartJobRunRequest {
	said := d.whole()
	tags := map[string]string{}
	maps.Copy(tags, said.GetTags())
	tags[MarkTag] = d.Mark(application)
	said.SetTags(tags)
	return &controlv1.StartJobRunRequest{ApplicationId: application, ClientToken: d.Token(application), Spec: said}
}
