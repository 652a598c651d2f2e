package manifest

import (
	"slices"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/types/known/fieldmaskpb"

	"github.com/headrace/headrace/cmd/headrace/output"
	"github.com/headrace/headrace/internal/spec"
	"github.com/headrace/headrace/internal/spec/codec"
	controlv1 "github.com/headrace/headrace/proto/headrace/control/v1"
	eventv1 "github.com/headrace/headrace/proto/headrace/event/v1"
	specv1 "github.com/headrace/headrace/proto/headrace/spec/v1"
)

// ApplicationDocument is an application in a file. It is known by its name.
type ApplicationDocument struct {
	Name string
	// Spec is what the file says, without the name. What the file leaves out has its default, in an update too.
	Spec *specv1.Application

	position
}

// ApplicationOf returns the document of an application that a cluster has. Values that look like secrets are hidden.
func ApplicationOf(a *controlv1.Application) *ApplicationDocument {
	said := output.WithoutSecrets(a.GetSpec())
	said.ClearName()
	return &ApplicationDocument{Name: a.GetSpec().GetName(), Spec: said}
}

func (d *ApplicationDocument) node() *codec.Node {
	return object(KindApplication, d.Spec, [2]string{"name", d.Name})
}

// whole returns all that the document says, with the name.
func (d *ApplicationDocument) whole() *specv1.Application {
	all := proto.CloneOf(d.Spec)
	all.SetName(d.Name)
	return all
}

// Create returns the request that creates the application.
func (d *ApplicationDocument) Create() *controlv1.CreateApplicationRequest {
	return &controlv1.CreateApplicationRequest{Spec: d.whole()}
}

// All returns every value that the document says, as additions: what is created.
func (d *ApplicationDocument) All() []Change { return compare(nil, codec.Leaves(d.Spec)) }

// Compare returns the changes that make an application of the cluster like the document. Defaults count as written.
func (d *ApplicationDocument) Compare(current *specv1.Application) []Change {
	before := spec.DefaultApplication(current)
	after := d.wanted(current)
	before.ClearName()
	after.ClearName()
	return compare(codec.Leaves(before), codec.Leaves(after))
}

// fixed are the fields that no update changes: tags have requests of their own.
var fixed = []protoreflect.Name{"name", "engine", "tags"}

// Update returns the request that changes an application of the cluster to be like the document. It names only the
// fields that differ; it is nil if none of those differ that an update can change.
func (d *ApplicationDocument) Update(id string, current *specv1.Application,
	changes []Change,
) *controlv1.UpdateApplicationRequest {
	wanted := d.wanted(current).ProtoReflect()
	send := &specv1.Application{}
	mask := &fieldmaskpb.FieldMask{}
	for _, change := range changes {
		field := wanted.Descriptor().Fields().ByJSONName(change.Field())
		if slices.Contains(fixed, field.Name()) || slices.Contains(mask.GetPaths(), string(field.Name())) {
			continue
		}
		mask.Paths = append(mask.Paths, string(field.Name()))
		if wanted.Has(field) {
			send.ProtoReflect().Set(field, wanted.Get(field))
		}
	}
	if len(mask.GetPaths()) == 0 {
		return nil
	}
	return &controlv1.UpdateApplicationRequest{ApplicationId: id, Spec: send, UpdateMask: mask}
}

// wanted returns the document with all defaults written out, and with the types of workers in the words that the
// cluster has: Driver and DRIVER are no difference.
func (d *ApplicationDocument) wanted(current *specv1.Application) *specv1.Application {
	a := spec.DefaultApplication(d.whole())
	a.SetInitialCapacity(calledAs(a.GetEngine(), a.GetInitialCapacity(), current.GetInitialCapacity()))
	types := a.GetWorkerTypeSpecifications()
	currently := current.GetWorkerTypeSpecifications()
	a.SetWorkerTypeSpecifications(calledAs(a.GetEngine(), types, currently))
	return a
}

// calledAs returns entries by types of workers in the words that other entries have for them.
func calledAs[V any](engine specv1.Engine, all, others map[string]V) map[string]V {
	words := map[eventv1.WorkerType]string{}
	for name := range others {
		if t, err := spec.WorkerTypeOf(engine, name); err == nil {
			words[t] = name
		}
	}
	called := map[string]V{}
	for name, value := range all {
		if t, err := spec.WorkerTypeOf(engine, name); err == nil && words[t] != "" {
			name = words[t]
		}
		called[name] = value
	}
	return called
}
