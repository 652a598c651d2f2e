package http

import (
	nethttp "net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/headrace/headrace/internal/errs"
)

// The first words of all paths.
const (
	applicationsRoot = "applications"
	tagsRoot         = "tags"
)

// route finds the operation of a method and an escaped path, and the path's labels. What stands before the first root
// is a base path. Doubled slashes are one. An ARN may stand in a path as it is, or as one escaped segment. A path that
// ends in a slash ends in an empty label.
func route(method, path string) (*operation, []string, error) {
	segments, err := segmentsOf(path)
	if err != nil {
		return nil, nil, err
	}
	known := false
	for i := range operations {
		op := &operations[i]
		labels, ok := op.match(segments)
		known = known || ok
		if ok && op.method == method {
			return op, labels, nil
		}
	}
	if known {
		return nil, nil, typed{
			status:  nethttp.StatusMethodNotAllowed,
			kind:    "MethodNotAllowedException",
			message: "there is no " + method + " of this path",
		}
	}
	return nil, nil, typed{
		status:  nethttp.StatusNotFound,
		kind:    "UnknownOperationException",
		message: "there is no operation at this path; those of EMR Serverless begin with /applications and /tags",
	}
}

// segmentsOf cuts a path into unescaped segments, from its root on.
func segmentsOf(path string) ([]string, error) {
	slash := strings.HasSuffix(path, "/")
	segments := slices.DeleteFunc(strings.Split(path, "/"), func(s string) bool { return s == "" })
	root := slices.IndexFunc(segments, func(s string) bool { return s == applicationsRoot || s == tagsRoot })
	if root < 0 {
		return nil, nil
	}
	segments = segments[root:]
	for i, s := range segments {
		plain, err := url.PathUnescape(s)
		if err != nil {
			return nil, errs.New(errs.Invalid, "cannot read the path: %v", err)
		}
		segments[i] = plain
	}
	if segments[0] == tagsRoot && len(segments) > 1 {
		return []string{tagsRoot, strings.Join(segments[1:], "/")}, nil
	}
	if slash {
		segments = append(segments, "")
	}
	return segments, nil
}

// match returns the labels of a path that has an operation's form.
func (op *operation) match(segments []string) (labels []string, ok bool) {
	form := strings.Split(op.path, "/")
	if len(form) != len(segments) {
		return nil, false
	}
	for i, word := range form {
		switch {
		case word[0] == '{':
			labels = append(labels, segments[i])
		case word != segments[i]:
			return nil, false
		}
	}
	return labels, true
}
