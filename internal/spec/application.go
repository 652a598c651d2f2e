package spec

import (
	"maps"
	"slices"

	"google.golang.org/protobuf/reflect/protoreflect"

	"github.com/headrace/headrace/internal/errs"
	specv1 "github.com/headrace/headrace/proto/headrace/spec/v1"
)

// ValidateApplication holds an application that has its defaults to the rules. Its error names the first field that is
// wrong: nesting is checked first, then the rules of the protos, then texts and words, then what needs more than one
// field; each in the order of the fields. What depends on a cluster, such as its releases and limits, is not checked
// here.
func ValidateApplication(a *specv1.Application) error {
	const configurations = root + ".runtime_configuration"
	if err := checkNesting(configurations, a.GetRuntimeConfiguration(), 1); err != nil {
		return err
	}
	if err := checkRules(a); err != nil {
		return err
	}
	if err := applicationOutline().check(a.ProtoReflect()).err(); err != nil {
		return err
	}
	for _, check := range []func(*specv1.Application) error{
		checkRelease, checkInitialCapacity, checkMaximumCapacity, checkNodes,
	} {
		if err := check(a); err != nil {
			return err
		}
	}
	if err := checkClassifications(configurations, a.GetRuntimeConfiguration()); err != nil {
		return err
	}
	if err := checkMonitoring(root+".monitoring", a.GetEngine(), a.GetMonitoring()); err != nil {
		return err
	}
	types := slices.Sorted(maps.Keys(a.GetWorkerTypeSpecifications()))
	if err := checkWorkerTypes(root+".worker_type_specifications", a.GetEngine(), types); err != nil {
		return err
	}
	return CheckTags(root+".tags", a.GetTags())
}

// checkRelease holds that there is an engine and, for one that needs it, a release.
func checkRelease(a *specv1.Application) error {
	switch {
	case a.GetEngine() == specv1.Engine_ENGINE_UNSPECIFIED:
		return wrong(root+".engine", "%s", missing[protoreflect.FullName("headrace.spec.v1.Application.engine")])
	case !a.HasReleaseLabel() && a.GetEngine() != specv1.Engine_ENGINE_PROCESS:
		return wrong(
			root+".release_label",
			"an application of engine %s needs a release such as emr-7.2.0",
			engineName(a.GetEngine()),
		)
	}
	return nil
}

// wrong returns an error about a field, as an error: a nil one is none.
func wrong(at, format string, args ...any) error { return errs.Field(at, format, args...) }
