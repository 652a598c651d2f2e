package ui

import (
	"cmp"
	"context"
	"errors"
	"html/template"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/headrace/headrace/internal/errs"
)

const (
	// again is how many seconds a page waits before it asks again by itself.
	again = 2
	// maxAsks is how often it does: for five minutes. A history that cannot be shown would be tried for ever.
	maxAsks = 150
	// asksParameter is the parameter of an address that counts how often a page has asked. No page of Spark's gets it.
	asksParameter = "headrace-asks"
)

// page says why there is nothing to see. It needs nothing but itself.
var page = template.Must(template.New("page").Parse(`<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>{{.Title}}</title>
{{if .Next}}<meta http-equiv="refresh" content="{{.Seconds}};url={{.Next}}">{{end}}
<style>body{font:16px/1.5 system-ui,sans-serif;max-width:40rem;margin:20vh auto;padding:0 1rem;color:#222}
h1{font-size:1.4rem}p.more{color:#666}</style></head>
<body><h1>{{.Title}}</h1><p>{{.Message}}</p>
{{if .Next}}<p class="more">This page asks again by itself.</p>{{end}}
{{if .GivenUp}}<p class="more">This page has asked for {{.GivenUp}}, and asks no more:
reload it to try again.</p>{{end}}
</body></html>
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
	said := saying{Title: "Nothing to see", Message: told.Error(), Seconds: again}
	if status == http.StatusServiceUnavailable {
		said.askAgain(r.URL)
		w.Header().Set("Retry-After", strconv.Itoa(again))
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

// saying is what a page says.
type saying struct {
	Title, Message string
	Seconds        int           // until it asks again
	Next           string        // the address that it asks then; empty: it does not
	GivenUp        time.Duration // for how long it has asked in vain; 0: it has not given up
}

// askAgain has the page ask for the same address again, unless it did so often enough.
func (s *saying) askAgain(asked *url.URL) {
	parameters := asked.Query()
	asks, _ := strconv.Atoi(parameters.Get(asksParameter)) // what is no number begins anew
	if asks >= maxAsks {
		s.GivenUp = maxAsks * again * time.Second
		return
	}
	s.Title = "In a moment"
	parameters.Set(asksParameter, strconv.Itoa(max(asks, 0)+1))
	s.Next = "?" + parameters.Encode()
}

// withoutAsks removes the count of a page's asks from the parameters of an address.
func withoutAsks(asked *url.URL) {
	if !strings.Contains(asked.RawQuery, asksParameter) {
		return
	}
	parameters := asked.Query()
	parameters.Del(asksParameter)
	asked.RawQuery = parameters.Encode()
}
