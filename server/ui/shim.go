package ui

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
)

// head is where Spark's pages begin to load scripts, within their first headBytes.
const (
	head      = "<head>"
	headBytes = 1 << 10
)

// shim gives pages a storage that forgets with the page. Pages in an origin of their own have none, and without it
// Spark's scripts stop.
const shim = `<script>for(const name of["localStorage","sessionStorage"])try{window[name]}catch{const kept=new Map;` +
	`Object.defineProperty(window,name,{value:{getItem:k=>kept.has(k)?kept.get(k):null,` +
	`setItem:(k,v)=>{kept.set(k,String(v))},` +
	`removeItem:k=>{kept.delete(k)},clear:()=>kept.clear(),key:()=>null,length:0}})}</script>`

// banner is the script that shows a note above a page.
const banner = `<script>document.addEventListener("DOMContentLoaded",()=>{const note=document.createElement("p");` +
	`note.id="headrace-note";note.textContent=%s;` +
	`note.style="margin:0;padding:.6rem 1rem;background:#fff3cd;color:#533f03;border-bottom:1px solid #e0c36a";` +
	`document.body.prepend(note)})</script>`

// bannerOf returns what shows a note above a page; empty: there is none. No letter of a note ends the script: those
// that could are escaped in JSON.
func bannerOf(note string) string {
	if note == "" {
		return ""
	}
	text, err := json.Marshal(note)
	if err != nil {
		panic(fmt.Sprintf("cannot write a text as JSON: %v", err))
	}
	return fmt.Sprintf(banner, text)
}

// addShim puts the shim into a page, before its scripts, and a note, if there is one.
func addShim(answer *http.Response, note string) {
	if answer.Request.Method != http.MethodGet || answer.Header.Get("Content-Encoding") != "" ||
		!strings.HasPrefix(answer.Header.Get("Content-Type"), "text/html") {
		return
	}
	body := bufio.NewReaderSize(answer.Body, headBytes)
	begins, _ := body.Peek(headBytes) // a short page is not an error
	at := bytes.Index(begins, []byte(head))
	added := shim + bannerOf(note)
	shimmed := struct {
		io.Reader
		io.Closer
	}{body, answer.Body}
	if at >= 0 {
		first := make([]byte, at+len(head))
		_, _ = io.ReadFull(body, first) // it is in the buffer
		shimmed.Reader = io.MultiReader(bytes.NewReader(first), strings.NewReader(added), body)
		if answer.ContentLength >= 0 {
			answer.ContentLength += int64(len(added))
			answer.Header.Set("Content-Length", strconv.FormatInt(answer.ContentLength, 10))
		}
	}
	answer.Body = shimmed
}
