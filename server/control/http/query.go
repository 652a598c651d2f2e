package http

import (
	"net/url"
	"regexp"
	"strconv"
	"time"

	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/headrace/headrace/internal/errs"
)

// Bounds of queries.
const (
	maxResults = 50
	maxToken   = 1024 // characters
)

var pageToken = regexp.MustCompile(`^[A-Za-z0-9_=-]+$`)

func queryOf(raw string) (url.Values, error) {
	query, err := url.ParseQuery(raw)
	if err != nil {
		return nil, errs.New(errs.Invalid, "cannot read the query: %v", err)
	}
	return query, nil
}

// page reads how many results are wanted, 0 for as many as there may be, and after which one.
func (c *call) page() (wanted int32, token string, err error) {
	if wanted, err = c.number("maxResults", 1, maxResults); err != nil {
		return 0, "", err
	}
	token = c.query.Get("nextToken")
	if c.query.Has("nextToken") && (len(token) > maxToken || !pageToken.MatchString(token)) {
		return 0, "", errs.Field(
			"nextToken",
			"%.60q is not one that this list answered: 1 to %d of A-Z a-z 0-9 _ = -",
			token,
			maxToken,
		)
	}
	return wanted, token, nil
}

// number reads a number between two others; 0: there is none.
func (c *call) number(name string, low, high int64) (int32, error) {
	if !c.query.Has(name) {
		return 0, nil
	}
	n, err := strconv.ParseInt(c.query.Get(name), 10, 32)
	if err != nil || n < low || n > high {
		return 0, errs.Field(name, "%.60q is not a whole number between %d and %d", c.query.Get(name), low, high)
	}
	return int32(n), nil
}

// flag checks a switch.
func (c *call) flag(name string) error {
	if text := c.query.Get(name); c.query.Has(name) && text != "true" && text != "false" {
		return errs.Field(name, "%.60q is neither true nor false", text)
	}
	return nil
}

// list reads a list that repeats its name.
func (c *call) list(name string, low, high int) ([]string, error) {
	all := c.query[name]
	if n := len(all); n < low || n > high {
		return nil, errs.Field(name, "%d entries are not between %d and %d", n, low, high)
	}
	for _, each := range all {
		if each == "" {
			return nil, errs.Field(name, "an entry is empty")
		}
	}
	return all, nil
}

// maxSeconds is the year 9999.
const maxSeconds = 253402300799

// parseTime reads a time of a query: an ISO 8601 text, or seconds since 1970. An empty text is no time.
func parseTime(field, text string) (*timestamppb.Timestamp, error) {
	if text == "" {
		return nil, nil
	}
	if t, err := time.Parse(time.RFC3339Nano, text); err == nil {
		return timestamppb.New(t), nil
	}
	seconds, err := strconv.ParseFloat(text, 64)
	if err != nil || !(seconds >= 0 && seconds <= maxSeconds) {
		return nil, errs.Field(field, "%.60q is not a time such as 2026-01-31T23:59:59Z", text)
	}
	return timestamppb.New(time.UnixMilli(int64(seconds * 1000))), nil
}
