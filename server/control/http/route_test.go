package http

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/headrace/headrace/internal/errs"
)

func TestRoute_FindsEveryOperation(t *testing.T) {
	const anARN = "arn%3Aaws%3Aemr-serverless%3Aus-east-1%3A123456789012%3A%2Fapplications%2Fxxx"
	plain := []string{"arn:aws:emr-serverless:us-east-1:123456789012:/applications/xxx"}
	for request, want := range map[string]struct {
		name   string
		labels []string
	}{
		"GET /applications":                          {"ListApplications", nil},
		"POST /applications":                         {"CreateApplication", nil},
		"GET /applications/a":                        {"GetApplication", []string{"a"}},
		"PATCH /applications/a":                      {"UpdateApplication", []string{"a"}},
		"DELETE /applications/a":                     {"DeleteApplication", []string{"a"}},
		"POST /applications/a/start":                 {"StartApplication", []string{"a"}},
		"POST /applications/a/stop":                  {"StopApplication", []string{"a"}},
		"GET /applications/a/dashboard":              {"GetResourceDashboard", []string{"a"}},
		"GET /applications/a/jobruns":                {"ListJobRuns", []string{"a"}},
		"POST /applications/a/jobruns":               {"StartJobRun", []string{"a"}},
		"GET /applications/a/jobruns/r":              {"GetJobRun", []string{"a", "r"}},
		"DELETE /applications/a/jobruns/r":           {"CancelJobRun", []string{"a", "r"}},
		"GET /applications/a/jobruns/r/attempts":     {"ListJobRunAttempts", []string{"a", "r"}},
		"GET /applications/a/jobruns/r/dashboard":    {"GetDashboardForJobRun", []string{"a", "r"}},
		"GET /applications/a/sessions":               {"ListSessions", []string{"a"}},
		"POST /applications/a/sessions":              {"StartSession", []string{"a"}},
		"GET /applications/a/sessions/s":             {"GetSession", []string{"a", "s"}},
		"DELETE /applications/a/sessions/s":          {"TerminateSession", []string{"a", "s"}},
		"GET /applications/a/sessions/s/endpoint":    {"GetSessionEndpoint", []string{"a", "s"}},
		"GET /tags/" + anARN:                         {"ListTagsForResource", plain},
		"POST /tags/" + anARN:                        {"TagResource", plain},
		"DELETE /tags/" + anARN:                      {"UntagResource", plain},
		"GET /pre/fix//tags/" + plain[0]:             {"ListTagsForResource", plain},
		"GET /pre/fix//applications//a":              {"GetApplication", []string{"a"}},
		"GET /applications/":                         {"GetApplication", []string{""}},
		"GET /applications/UPPER_bad%20id%2Fx":       {"GetApplication", []string{"UPPER_bad id/x"}},
		"GET /applications/applications":             {"GetApplication", []string{"applications"}},
		"GET /applications/tags/jobruns/jobruns":     {"GetJobRun", []string{"tags", "jobruns"}},
		"GET /tags/tags":                             {"ListTagsForResource", []string{"tags"}},
		"GET /ui/applications/..%2f..%2fetc/jobruns": {"ListJobRuns", []string{"../../etc"}},
	} {
		method, path, _ := strings.Cut(request, " ")
		op, labels, err := route(method, path)
		if err != nil || op.name != want.name || !slices.Equal(labels, want.labels) {
			t.Errorf("%s: %+v %q %v, want %s %q", request, op, labels, err, want.name, want.labels)
		}
	}
}

func TestRoute_SaysWhatIsMissing(t *testing.T) {
	for request, want := range map[string]string{
		"GET /":                      "UnknownOperationException",
		"GET ":                       "UnknownOperationException",
		"GET /tags":                  "UnknownOperationException",
		"GET /application/a":         "UnknownOperationException",
		"POST /applications/a/pause": "UnknownOperationException",
		"GET /applications/a/jobruns/r/attempts/1": "UnknownOperationException",
		"PUT /applications":                        "MethodNotAllowedException",
		"GET /applications/a/start":                "MethodNotAllowedException",
		"HEAD /applications":                       "MethodNotAllowedException",
		"OPTIONS /tags/x":                          "MethodNotAllowedException",
		"get /applications":                        "MethodNotAllowedException",
		"GET /applications/%zz":                    "ValidationException",
	} {
		method, path, _ := strings.Cut(request, " ")
		_, _, err := route(method, path)
		if kind, _, _ := described(err); err == nil || kind != want {
			t.Errorf("%s: %s, want %s", request, kind, want)
		}
	}
}

// Whatever the path, there is an operation or an error of a known type, and as many labels as the operation has.
func FuzzRoute(f *testing.F) {
	for _, path := range []string{
		"/applications", "/applications/a/jobruns/r", "//tags/arn%3Aaws", "/%2f/applications/", "/applications/%",
		"/tags//",
	} {
		f.Add("GET", path)
	}
	f.Fuzz(func(t *testing.T, method, path string) {
		op, labels, err := route(method, path)
		var protocol typed
		switch {
		case err != nil && !errors.As(err, &protocol) && !errs.Is(err, errs.Invalid):
			t.Fatalf("%q %q: %v", method, path, err)
		case err == nil && len(labels) != strings.Count(op.path, "{"):
			t.Fatalf("%q %q: %s has the labels %q", method, path, op.name, labels)
		case err == nil:
			_ = (&call{}).take(op, labels)
		}
	})
}

// A token is taken or refused by its form alone, and a number is in its bounds.
func FuzzQuery(f *testing.F) {
	for _, query := range []string{
		"nextToken=YWJj&maxResults=5", "nextToken=%3D", "maxResults=-1", "states=A&states=", "a;b", "%",
	} {
		f.Add(query)
	}
	f.Fuzz(func(t *testing.T, raw string) {
		query, err := queryOf(raw)
		if err != nil {
			return
		}
		c := &call{query: query}
		limit, token, err := c.page()
		if err == nil &&
			(limit < 0 || limit > maxResults || len(token) > maxToken || strings.ContainsAny(token, "+/ %")) {
			t.Fatalf("%q: %d %q", raw, limit, token)
		}
		if _, err := c.list("states", 0, 7); err != nil && !errs.Is(err, errs.Invalid) {
			t.Fatal(err)
		}
		if _, _, err := c.created(); err != nil && !errs.Is(err, errs.Invalid) {
			t.Fatal(err)
		}
	})
}
