package paging

import (
	"encoding/base64"
	"iter"
	"strconv"

	"google.golang.org/protobuf/proto"

	"github.com/headrace/headrace/internal/errs"
	"github.com/headrace/headrace/internal/ident"
)

// The bounds of pages.
const (
	maxPageBytes = 2 << 20 // of what is listed: clients take no answers above 4 MiB. One row alone is below that.
	maxToken     = 1024    // characters
)

// Page is what a list call asks for.
type Page struct {
	// Max is how many results it has at most.
	Max int
	// After names the last row of the page before; empty: this is the first page.
	After string
}

// Request is a request of a list call.
type Request interface {
	GetMaxResults() int32
	GetNextToken() string
}

// Asked reads which page a request asks for. A page has maxResults unless the request says less.
func Asked(r Request, maxResults int) (Page, error) {
	wanted, err := limit(r.GetMaxResults(), maxResults)
	if err != nil {
		return Page{}, err
	}
	after, err := lastOf(r.GetNextToken())
	return Page{Max: wanted, After: after}, err
}

// Number returns After as the number that names a row; 0: this is the first page.
func (p Page) Number() (uint32, error) {
	if p.After == "" {
		return 0, nil
	}
	n, err := strconv.ParseUint(p.After, 10, 32)
	if err != nil {
		return 0, Foreign()
	}
	return uint32(n), nil
}

// ID returns After as the id that names a row; empty: this is the first page.
func (p Page) ID() (string, error) {
	if p.After != "" && !ident.Valid(p.After) {
		return "", Foreign()
	}
	return p.After, nil
}

// Foreign is the error of a token that names no row of the list.
func Foreign() error { return errs.Field("next_token", "it is not one that this list call answered") }

func limit(wanted int32, maxResults int) (int, error) {
	switch {
	case wanted == 0:
		return maxResults, nil
	case wanted < 0 || int(wanted) > maxResults:
		return 0, errs.Field("max_results", "%d is not between 1 and %d", wanted, maxResults)
	}
	return int(wanted), nil
}

// TokenOf returns the token of the page that begins after a row.
func TokenOf(last string) string { return base64.RawURLEncoding.EncodeToString([]byte(last)) }

// lastOf returns the name of the row that a token was made of.
func lastOf(token string) (string, error) {
	if len(token) > maxToken {
		return "", errs.Field(
			"next_token",
			"it is not one that a list call answered: it has %d characters, and they have at most %d",
			len(token),
			maxToken,
		)
	}
	last, err := base64.RawURLEncoding.DecodeString(token)
	if err != nil {
		return "", errs.Field("next_token", "it is not one that a list call answered")
	}
	return string(last), nil
}

// Cut converts the rows that are wanted until the page is full, by their number or their size. It returns the token of
// the next page, which is empty if there is none.
func Cut[R any, M proto.Message](
	page Page,
	rows iter.Seq[R],
	wanted func(R) bool,
	name func(R) string,
	convert func(R) M,
) (messages []M, next string) {
	last := ""
	bytes := 0
	for row := range rows {
		if !wanted(row) {
			continue
		}
		if len(messages) == page.Max {
			return messages, TokenOf(last)
		}
		message := convert(row)
		bytes += proto.Size(message)
		if bytes > maxPageBytes && len(messages) > 0 {
			return messages, TokenOf(last)
		}
		messages = append(messages, message)
		last = name(row)
	}
	return messages, ""
}
