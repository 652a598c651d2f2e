package wire

import (
	"strconv"
	"time"

	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/headrace/headrace/internal/errs"
)

// Seconds is a time as a JSON number of seconds since 1970, to the millisecond.
type Seconds float64

// Time converts a time that is always there.
func Time(t *timestamppb.Timestamp) Seconds {
	return Seconds(float64(t.AsTime().UnixMilli()) / 1000)
}

// OptionalTime converts a time that may not have come; nil then.
func OptionalTime(t *timestamppb.Timestamp) *Seconds {
	if t == nil {
		return nil
	}
	s := Time(t)
	return &s
}

// maxSeconds is the year 9999.
const maxSeconds = 253402300799

// ParseTime reads a time of a query: an ISO 8601 text, or seconds since 1970. An empty text is no time.
func ParseTime(field, text string) (*timestamppb.Timestamp, error) {
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
