package server

import (
	"context"
	"net/http"
	"strings"

	"google.golang.org/grpc"

	"github.com/headrace/headrace/internal/caught"
	"github.com/headrace/headrace/internal/grpcerr"
)

// catchUnary turns a panic of a call into an Internal error of that call. Nobody repeats such a call by itself: what
// panics on one server would panic on the next.
func catchUnary(panics *caught.Panics) grpc.UnaryServerInterceptor {
	return func(
		ctx context.Context,
		req any,
		info *grpc.UnaryServerInfo,
		handle grpc.UnaryHandler,
	) (answer any, err error) {
		err = panics.Do("a call", func() (err error) {
			answer, err = handle(ctx, req)
			return err
		}, "method", info.FullMethod)
		return answer, grpcerr.ToStatus(err)
	}
}

// catchStream is catchUnary for streams.
func catchStream(panics *caught.Panics) grpc.StreamServerInterceptor {
	return func(srv any, stream grpc.ServerStream, info *grpc.StreamServerInfo, handle grpc.StreamHandler) error {
		err := panics.Do("a stream", func() error { return handle(srv, stream) }, "method", info.FullMethod)
		return grpcerr.ToStatus(err)
	}
}

// catchHTTP turns a panic of a request into an answer with status 500, or breaks off an answer that has begun. The path
// is not logged whole: those of pages have a token in them.
func catchHTTP(panics *caught.Panics, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		out := &answerWriter{ResponseWriter: w}
		defer func() {
			cause := recover()
			if cause == nil {
				return
			}
			if cause == http.ErrAbortHandler { // which is how a handler breaks off
				panic(cause)
			}
			root, _, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, "/"), "/")
			_ = panics.Caught("an HTTP request", cause, "method", r.Method, "root", root)
			if out.begun {
				panic(http.ErrAbortHandler)
			}
			http.Error(w, "internal error; the server's log has the details", http.StatusInternalServerError)
		}()
		next.ServeHTTP(out, r)
	})
}

// answerWriter knows whether an answer has begun.
type answerWriter struct {
	http.ResponseWriter
	begun bool
}

// WriteHeader begins the answer.
func (a *answerWriter) WriteHeader(status int) {
	a.begun = true
	a.ResponseWriter.WriteHeader(status)
}

// Write begins the answer, if it has not begun.
func (a *answerWriter) Write(p []byte) (int, error) {
	a.begun = true
	return a.ResponseWriter.Write(p)
}

// Unwrap is for http.ResponseController.
func (a *answerWriter) Unwrap() http.ResponseWriter { return a.ResponseWriter }
