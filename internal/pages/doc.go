// Package pages says how Spark's own pages are reached: they listen where programs of other people run too, so whoever
// asks for one shows a token.
//
// The token is made from the attempt's secret, which servers make from the keyring. A driver gets it in its properties
// and a history server in its own, for the filter that answers 403 without it (PagesFilter, in agent/spark/plugin). The
// servers' proxy adds it to each request of who has a link (server/ui), and the agent to those by which it sees that a
// history server has begun.
package pages
