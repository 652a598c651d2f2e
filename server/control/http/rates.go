package http

import (
	"slices"
	"strconv"
	"strings"

	"golang.org/x/time/rate"

	"github.com/headrace/headrace/internal/errs"
)

// Rate is how often an operation may be called, on each server.
type Rate struct {
	PerSecond float64 // for as long as anybody likes
	Burst     int     // at once, after a pause
}

// maxRate is more than a server can serve.
const maxRate = 1_000_000

// Rates are those of operations, by name. An operation without one may be called without limit.
type Rates map[string]Rate

// PublishedRates returns the rates that the original publishes. An operation of which it says nothing has the rate of
// its like.
func PublishedRates() Rates {
	read := Rate{PerSecond: 10, Burst: 50}
	write := Rate{PerSecond: 1, Burst: 25}
	dashboard := Rate{PerSecond: 1, Burst: 2}
	return Rates{
		"ListApplications":      read,
		"GetApplication":        read,
		"GetJobRun":             read,
		"ListJobRunAttempts":    read,
		"ListTagsForResource":   read,
		"GetSession":            read,
		"ListSessions":          read,
		"GetSessionEndpoint":    read,
		"CreateApplication":     write,
		"DeleteApplication":     write,
		"UpdateApplication":     write,
		"StartApplication":      write,
		"StopApplication":       write,
		"ListJobRuns":           write,
		"StartJobRun":           write,
		"CancelJobRun":          write,
		"TagResource":           write,
		"UntagResource":         write,
		"StartSession":          write,
		"TerminateSession":      write,
		"GetDashboardForJobRun": dashboard,
		"GetResourceDashboard":  dashboard,
	}
}

// ParseRates reads settings: published for the published rates, and OPERATION=PER_SECOND/BURST, such as
// StartJobRun=5/100, over them. Without settings there are no rates.
func ParseRates(settings []string) (Rates, error) {
	rates := Rates{}
	if slices.Contains(settings, "published") {
		rates = PublishedRates()
	}
	for _, setting := range settings {
		if setting == "published" {
			continue
		}
		name, limit, err := parseRate(setting)
		if err != nil {
			return nil, err
		}
		rates[name] = limit
	}
	return rates, nil
}

func parseRate(setting string) (name string, limit Rate, err error) {
	name, numbers, _ := strings.Cut(setting, "=")
	if !slices.ContainsFunc(operations[:], func(op operation) bool { return op.name == name }) {
		return "", limit, errs.New(
			errs.Invalid,
			"%.60q is neither published nor OPERATION=PER_SECOND/BURST with an operation such as StartJobRun",
			setting,
		)
	}
	perSecond, burst, _ := strings.Cut(numbers, "/")
	limit.PerSecond, err = strconv.ParseFloat(perSecond, 64)
	if err == nil {
		limit.Burst, err = strconv.Atoi(burst)
	}
	if err != nil || !limit.valid() {
		return "", limit, errs.New(
			errs.Invalid,
			"%.60q is not a rate such as %s=5/100: calls per second above 0, and at least 1 at once, both at most %d",
			setting,
			name,
			maxRate,
		)
	}
	return name, limit, nil
}

// valid says whether a rate has its bounds. NaN does not.
func (r Rate) valid() bool {
	return r.PerSecond > 0 && r.PerSecond <= maxRate && r.Burst >= 1 && r.Burst <= maxRate
}

// buckets hold a bucket of tokens for each operation that has a rate: as many as there are operations, at most.
type buckets struct{ of map[string]*rate.Limiter }

func newBuckets(rates Rates) *buckets {
	b := &buckets{of: map[string]*rate.Limiter{}}
	for name, limit := range rates {
		b.of[name] = rate.NewLimiter(rate.Limit(limit.PerSecond), limit.Burst)
	}
	return b
}

// take takes a token, or says that there is none.
func (b *buckets) take(name string) error {
	if limit := b.of[name]; limit != nil && !limit.Allow() {
		return errs.New(
			errs.Overloaded,
			"Rate exceeded: %s may be called %g times per second, %d at once; try again later",
			name,
			float64(limit.Limit()),
			limit.Burst(),
		)
	}
	return nil
}
