// Package lifecycle compares the decisions about applications and job runs with a model of them that is slow and
// obvious: plain structs, lists that are searched from end to end, and the sentences of docs/lifecycle.md written down
// as code. It shares no line with server/command. Random sequences of commands, reports and passing time are put to
// both; whether a command is accepted, and every state after it, must be the same. There is nothing here but the test.
package lifecycle
