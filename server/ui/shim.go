package ui

import (
	"bufio"
	"bytes"
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

// addShim puts the shim into a page, before its scripts.
func addShim(answer *http.Response) {
	if answer.Request.Method != http.MethodGet || answer.Header.Get("Content-Encoding") != "" ||
		!strings.HasPrefix(answer.Header.Get("Content-Type"), "text/html") {
		return
	}
	body := bufio.NewReaderSize(answer.Body, headBytes)
	begins, _ := body.Peek(headBytes) // a short page is not an error
	at := bytes.Index(begins, []byte(head))
	shimmed := struct {
		io.Reader
		io.Closer
	}{body, answer.Body}
	if at >= 0 {
		first := make([]byte, at+len(head))
		_, _ = io.ReadFull(body, first) // it is in the buffer
		shimmed.Reader = io.MultiReader(bytes.NewReader(first), strings.NewReader(shim), body)
		if answer.ContentLength >= 0 {
			answer.ContentLength += int64(len(shim))
			answer.Header.Set("Content-Length", strconv.FormatInt(answer.ContentLength, 10))
		}
	}
	answer.Body = shimmed
}
