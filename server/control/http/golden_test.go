package http_test

import (
	"bufio"
	"flag"
	"fmt"
	"io"
	nethttp "net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

var rewrite = flag.Bool("rewrite", false, "write the golden files anew; read the difference")

// Requests as real clients sent them, byte for byte but for ids, and their answers: a file per client, a block per
// request. The braces of {application} and {run} stand for the ids that came before.
func TestGolden_RequestsOfRealClients(t *testing.T) {
	t.Parallel()
	s := serve(t, 1)
	files, err := filepath.Glob("testdata/clients/*.txt")
	must(t, err)
	for _, file := range files {
		t.Run(
			filepath.Base(file),
			func(t *testing.T) { (&story{served: s.on(t), ids: map[string]string{}}).tell(file) },
		)
	}
}

// story is a client's requests, in order.
type story struct {
	*served
	ids map[string]string // by their names in braces
}

const (
	between = "\n\n====\n"
	answers = "\n\n----\n"
)

func (s *story) tell(file string) {
	text, err := os.ReadFile(file)
	must(s.t, err)
	var told []string
	for block := range strings.SplitSeq(strings.TrimSuffix(string(text), "\n"), between) {
		request, _, _ := strings.Cut(block, answers)
		told = append(told, request+answers+s.answer(request))
	}
	got := strings.Join(told, between) + "\n"
	switch {
	case *rewrite:
		must(s.t, os.WriteFile(file, []byte(got), 0o644))
	case got != string(text):
		s.t.Errorf("%s: run with -rewrite and read the difference; got\n%s", file, got)
	}
}

// answer sends a request of a story, and returns what of its answer is the same each time.
func (s *story) answer(request string) string {
	head, body, _ := strings.Cut(request, "\n\n")
	for name, id := range s.ids {
		head = strings.ReplaceAll(head, name, id)
	}
	r, err := nethttp.ReadRequest(
		bufio.NewReader(strings.NewReader(strings.ReplaceAll(head, "\n", "\r\n") + "\r\n\r\n")),
	)
	must(s.t, err)
	r.URL.Scheme, r.URL.Host, r.RequestURI = "http", strings.TrimPrefix(s.at(0), "http://"), ""
	r.Body, r.ContentLength = io.NopCloser(strings.NewReader(body)), int64(len(body))
	a := s.send(r)
	s.remember("{application}", a.text("applicationId"))
	s.remember("{run}", a.text("jobRunId"))
	said := fmt.Sprintf("%d %s\n%s", a.status, a.header.Get("x-amzn-errortype"), a.body)
	for name, id := range s.ids {
		said = strings.ReplaceAll(said, id, name)
	}
	said = regexp.MustCompile(`("\w+At":)[0-9.]+`).ReplaceAllString(said, "${1}0")
	said = regexp.MustCompile(`"url":"[^"]*"`).ReplaceAllString(said, `"url":""`)
	return strings.ReplaceAll(strings.TrimSpace(said), " \n", "\n")
}

func (s *story) remember(name, id string) {
	if id != "" {
		s.ids[name] = id
	}
}
