package wire

import (
	"bytes"
	"encoding/json"
	"net/http"
	"strconv"
)

// WriteAnswer writes an answer; nil is an empty object.
func WriteAnswer(w http.ResponseWriter, answer any) {
	if answer == nil {
		answer = struct{}{}
	}
	write(w, http.StatusOK, answer)
}

// WriteError writes an error: its type, such as ValidationException, a message for people, and the status of the type.
func WriteError(w http.ResponseWriter, status int, kind, message string) {
	w.Header().Set("x-amzn-errortype", kind)
	write(w, status, struct {
		Message string `json:"message"`
	}{message})
}

// write writes a whole body at once, so that what fails half-way is never taken for an answer.
func write(w http.ResponseWriter, status int, body any) {
	var text bytes.Buffer
	writer := json.NewEncoder(&text)
	writer.SetEscapeHTML(false)
	if err := writer.Encode(body); err != nil {
		status = http.StatusInternalServerError
		w.Header().Set("x-amzn-errortype", "InternalServerException")
		text.Reset()
		text.WriteString(`{"message":"cannot write the answer"}`)
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Content-Length", strconv.Itoa(text.Len()))
	w.WriteHeader(status)
	_, _ = w.Write(text.Bytes())
}
