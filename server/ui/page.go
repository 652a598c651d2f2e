package ui

import (
	"cmp"
	"context"
	"errors"
	"html/template"
	"net/http"
	"strings"

	"github.com/headrace/headrace/internal/errs"
)

// again is how many seconds a page waits before it asks again by itself.
const again = "2"

// page says why there is nothing to see. It needs nothing but itself.
var page = template.Must(template.New("page").Parse(`<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>{{.Title}}</title>
{{if .Again}}<meta http-equiv="refresh" content="{{.Again}}">{{end}}
<style>body{font:16px/1.5 system-ui,sans-serif;max-width:40rem;margin:20vh auto;padding:0 1rem;color:#222}
h1{font-size:1.4rem}p.more{color:#666}</style></head>
<body><h1>{{.Title}}</h1><p>{{.Message}}</p>
{{if .Again}}<p class="more">This page asks again by itself.</p>{{end}}</body></html>
`))

// statuses are those of errors that people may see here.
var statuses = map[errs.Kind]int{
	errs.Forbidden:   http.StatusForbidden,
	errs.NotFound:    http.StatusNotFound,
	errs.WrongState:  http.StatusConflict,
	errs.TooLarge:    http.StatusConflict,
	errs.Unavailable: http.StatusServiceUnavailable,
	errs.Overloaded:  http.StatusServiceUnavailable,
	errs.NotLeader:   http.StatusServiceUnavailable,
}

// fail logs an error that is no answer for people, and says why there is nothing to see.
func (h *Handler) fail(w http.ResponseWriter, r *http.Request, err error) {
	var told *errs.Error
	if r.Context().Err() != nil || errors.Is(err, context.Canceled) {
		return // nobody waits any more
	}
	if !errors.As(err, &told) || told.Kind == errs.Internal {
		h.cfg.Log.WarnContext(r.Context(), "cannot show a user interface", "error", err)
		told = errs.New(errs.Unavailable, "the pages broke off: their driver may be about to end")
	}
	h.say(w, r, told)
}

// say answers with an error, in a page for browsers and in a line for others.
func (h *Handler) say(w http.ResponseWriter, r *http.Request, told *errs.Error) {
	status := cmp.Or(statuses[told.Kind], http.StatusInternalServerError)
	said := struct{ Title, Message, Again string }{Title: "Nothing to see", Message: told.Error()}
	if status == http.StatusServiceUnavailable {
		said.Title = "In a moment"
		said.Again = again
		w.Header().Set("Retry-After", again)
	}
	w.Header().Set("Cache-Control", "no-store")
	if !strings.Contains(r.Header.Get("Accept"), "text/html") {
		http.Error(w, said.Message, status)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(status)
	_ = page.Execute(w, said)
}
