package ui

import (
	"bufio"
	"compress/gzip"
	"errors"
	"io"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/headrace/headrace/internal/errs"
	controlv1 "github.com/headrace/headrace/proto/headrace/control/v1"
)

// writeTime is how long a client may take for a part of a log.
const writeTime = 30 * time.Second

// logPath is how logs are named below /logs/, and in links on the pages of Spark, which are relative to the page that
// they stand on: [attempts/NUMBER/]SPARK_DRIVER/stdout.gz or SPARK_EXECUTOR/NUMBER/stderr.gz. Without .gz it is plain
// text.
var logPath = regexp.MustCompile(
	`(?:^|/)logs/(?:attempts/(\d{1,9})/)?(?:SPARK_DRIVER|SPARK_EXECUTOR/(\d{1,9}))/(stdout|stderr)(\.gz)?$`,
)

// logAsked returns the log that a path names.
func logAsked(path string, a Attempt) (request *controlv1.ReadLogRequest, gz, ok bool) {
	parts := logPath.FindStringSubmatch(path)
	if parts == nil {
		return nil, false, false
	}
	request = &controlv1.ReadLogRequest{
		ApplicationId: a.Application,
		JobRunId:      a.Run,
		Attempt:       a.Number,
		Stream:        parts[3],
	}
	if parts[1] != "" {
		request.Attempt = number(parts[1])
	}
	request.WorkerNumber = number(parts[2])
	return request, parts[4] != "", true
}

// number returns digits as a number; no digits are 0.
func number(digits string) uint32 {
	n, _ := strconv.ParseUint(digits, 10, 32) // the pattern has at most nine digits
	return uint32(n)
}

// serveLogs serves /logs/...?token=TOKEN: the page of a link with another path, as clients of the original make it.
func (h *Handler) serveLogs(w http.ResponseWriter, r *http.Request, a Attempt) error {
	request, gz, ok := logAsked(r.URL.Path, a)
	if !ok {
		return errs.New(errs.NotFound,
			"there is no log %s: logs are SPARK_DRIVER/stdout.gz, SPARK_EXECUTOR/1/stderr.gz and so on", r.URL.Path)
	}
	return h.sendLog(w, r, request, gz)
}

// sendLog sends a log as far as it is there now: as text, which is compressed on its way if the client takes that, or
// as a compressed file.
func (h *Handler) sendLog(w http.ResponseWriter, r *http.Request, request *controlv1.ReadLogRequest, gz bool) error {
	encoded := strings.Contains(r.Header.Get("Accept-Encoding"), "gzip")
	out := &logWriter{w: w, control: http.NewResponseController(w), gz: gz || encoded}
	announce(w.Header(), gz, encoded)
	err := h.cfg.Cluster.Log(r.Context(), request, out.take)
	if err == nil {
		out.begin() // an empty log is an empty file, compressed if it is to be
		err = out.close()
	}
	if err == nil || out.begun && r.Context().Err() != nil {
		return nil
	}
	if out.begun {
		h.cfg.Log.WarnContext(r.Context(), "a log that was sent broke off", "error", err)
		panic(http.ErrAbortHandler) // the client sees that it is not whole
	}
	w.Header().Del("Content-Encoding")
	return err
}

// announce says in an answer's header what a log is sent as.
func announce(header http.Header, gz, encoded bool) {
	header.Set("Content-Type", "text/plain; charset=utf-8")
	header.Set("Cache-Control", "no-store")
	switch {
	case encoded:
		header.Set("Content-Encoding", "gzip")
	case gz:
		header.Set("Content-Type", "application/gzip")
	}
}

// logWriter writes parts of a log to a client.
type logWriter struct {
	w       http.ResponseWriter
	control *http.ResponseController
	gz      bool
	begun   bool

	out  io.Writer
	ends []func() error // of what is between, the innermost last
}

// take writes a part.
func (l *logWriter) take(data []byte) error {
	l.begin()
	_ = l.control.SetWriteDeadline(time.Now().Add(writeTime))
	_, err := l.out.Write(data)
	return err
}

func (l *logWriter) begin() {
	if l.begun {
		return
	}
	l.begun = true
	buffered := bufio.NewWriter(l.w)
	l.out = buffered
	l.ends = append(l.ends, buffered.Flush)
	if l.gz {
		packed := gzip.NewWriter(buffered)
		l.out = packed
		l.ends = append(l.ends, packed.Close)
	}
}

// close ends the log; an empty one is an empty file.
func (l *logWriter) close() (err error) {
	for i := len(l.ends) - 1; i >= 0; i-- {
		err = errors.Join(err, l.ends[i]())
	}
	return err
}
