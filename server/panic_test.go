package server

import (
	"context"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/headrace/headrace/internal/caught"
)

func TestCatch_APanicIsTheErrorOfItsCall(t *testing.T) {
	panics := caught.New(slog.New(slog.DiscardHandler))
	info := &grpc.UnaryServerInfo{FullMethod: "/s/M"}
	broken := func(context.Context, any) (any, error) { panic("secret") }
	answer, err := catchUnary(panics)(t.Context(), nil, info, broken)
	if status.Code(err) != codes.Internal || answer != nil || strings.Contains(err.Error(), "secret") {
		t.Errorf("a call gives %v, %v", answer, err)
	}
	stream := &grpc.StreamServerInfo{FullMethod: "/s/M"}
	err = catchStream(panics)(nil, nil, stream, func(any, grpc.ServerStream) error { panic("secret") })
	if status.Code(err) != codes.Internal || strings.Contains(err.Error(), "secret") {
		t.Errorf("a stream gives %v", err)
	}
	healthy := func(_ context.Context, r any) (any, error) { return r, nil }
	answer, err = catchUnary(panics)(t.Context(), 1, info, healthy)
	if answer != 1 || err != nil || panics.Count() != 2 {
		t.Errorf("a healthy call gives %v, %v; %d panics", answer, err, panics.Count())
	}
}

// A server goes on after a request that panicked, before its answer has begun and after.
func TestCatchHTTP_AnswersOrBreaksOff(t *testing.T) {
	panics := caught.New(slog.New(slog.DiscardHandler))
	s := httptest.NewServer(catchHTTP(panics, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/begun" {
			_, _ = io.WriteString(w, "half")
			_ = http.NewResponseController(w).Flush()
		}
		if r.URL.Path != "/healthy" {
			panic("secret")
		}
	})))
	defer s.Close()
	get := func(path string) (code int, text string, err error) {
		answer, err := http.Get(s.URL + path)
		if err != nil {
			return 0, "", err
		}
		defer func() { _ = answer.Body.Close() }()
		read, err := io.ReadAll(answer.Body)
		return answer.StatusCode, string(read), err
	}
	if code, text, err := get("/new"); code != http.StatusInternalServerError || err != nil ||
		strings.Contains(text, "secret") {
		t.Errorf("%d %q, %v", code, text, err)
	}
	if _, text, err := get("/begun"); err == nil || text != "half" {
		t.Errorf("an answer that has begun ends well: %q", text)
	}
	if code, _, err := get("/healthy"); code != http.StatusOK || err != nil || panics.Count() != 2 {
		t.Errorf("%d, %v; %d panics", code, err, panics.Count())
	}
}
