// Package seldom logs what somebody else can make happen any number of times: each message once a minute, with how
// often it was left out (Log), or what keeps something from working, with longer and longer pauses (Cause).
// Without it, a program that does wrong in a loop fills the log of the process that watches it.
package seldom
