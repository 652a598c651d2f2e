package control

import (
	"encoding/base64"
	"iter"

	"google.golang.org/protobuf/proto"

	"github.com/headrace/headrace/internal/errs"
)

// The bounds of pages.
const (
	maxPageBytes = 2 << 20 // of what is listed: clients take no answers above 4 MiB. One row alone is below that.
	maxToken     = 1024    // characters
)

// limit returns how many results a page has.
func limit(wanted int32, most int) (int, error) {
	switch {
	case wanted == 0:
		return most, nil
	case wanted < 0 || int(wanted) > most:
		return 0, errs.Field("max_results", "%d is not between 1 and %d", wanted, most)
	}
	return int(wanted), nil
}

// pageToken names the last row of a page. The next page begins behind it, so pages stay right while rows come and go.
func pageToken(last string) string { return base64.RawURLEncoding.EncodeToString([]byte(last)) }

func pageAfter(token string) (string, error) {
	if len(token) > maxToken {
		return "", errs.Field("next_token", "it is not one that a list call answered: it has %d characters, and they have at most %d", len(token), maxToken)
	}
	last, err := base64.RawURLEncoding.DecodeString(token)
	if err != nil {
		return "", errs.Field("next_token", "it is not one that a list call answered")
	}
	return string(last), nil
}

// page converts up to most rows that are wanted, and fewer when they are large, and returns the token of the next page, empty when
// there is none.
func page[R any, M proto.Message](rows iter.Seq[R], most int, wanted func(R) bool, name func(R) string, convert func(R) M) (messages []M, next string) {
	last, bytes := "", 0
	for row := range rows {
		if !wanted(row) {
			continue
		}
		if len(messages) == most {
			return messages, pageToken(last)
		}
		message := convert(row)
		if bytes += proto.Size(message); bytes > maxPageBytes && len(messages) > 0 {
			return messages, pageToken(last)
		}
		messages, last = append(messages, message), name(row)
	}
	return messages, ""
}
