// Package paging cuts lists into pages. A list call says how many results it wants and where to go on, by the token of
// the page before. Asked reads both, and Cut makes the page and the token of the next one.
//
// A token names the last row of its page, and the next page begins after that row. So pages stay right while rows come
// and go, and a server keeps nothing for a token.
package paging
