package http

import (
	nethttp "net/http"
	"strconv"

	"github.com/headrace/headrace/internal/spec/codec"
)

// pageOf is a page of a list.
func pageOf(name string, elements []*codec.Node, next string) *codec.Node {
	var m object
	m.list(name, elements)
	m.some("nextToken", next)
	return m.node()
}

// writeAnswer writes an answer; nil is an empty object.
func writeAnswer(w nethttp.ResponseWriter, answer *codec.Node) {
	if answer == nil {
		answer = (&object{}).node()
	}
	write(w, nethttp.StatusOK, answer)
}

// writeError writes an error: its type, such as ValidationException, a message for people, and the status of the type.
func writeError(w nethttp.ResponseWriter, status int, kind, message string) {
	w.Header().Set("x-amzn-errortype", kind)
	var m object
	m.text("message", message)
	write(w, status, m.node())
}

// write writes a whole body at once.
func write(w nethttp.ResponseWriter, status int, body *codec.Node) {
	text := append(body.AppendJSON(nil), '\n')
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Content-Length", strconv.Itoa(len(text)))
	w.WriteHeader(status)
	_, _ = w.Write(text)
}
