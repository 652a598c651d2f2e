// Command walkthrough does what the README and the pages of docs tell a reader to do: it runs their commands, in their
// order, and ends with an error if one of them fails. So no page shows a command that does not work.
//
//	go run ./internal/walkthrough [-from 3] README.md docs/three-machines.md
//
// Every block of a page that is marked as sh is run by bash, which stops at the first command that fails. What one
// block exports and the directory that it ends in are there for the next one. A block of another kind is not run, such
// as one marked as console, which shows commands together with what they print. The environment of whoever walks has
// no say: variables that begin with AWS_ or HEADRACE_ are left out, but HEADRACE_CACHE. A page says in comments, which
// readers do not see, what they have beside it:
//
//	<!-- walk: skip REASON -->              the next block is not run
//	<!-- walk: on server-1 server-2 -->     the next block is run on each of these machines, not on the reader's own
//	<!-- walk: file PATH -->                the next block, of any kind, is written to this file
//	<!-- walk: word NODE=COMMANDS -->       in the next block NODE stands for what these commands print by then
//	<!-- walk: endless COMMAND -->          in the next block this command is interrupted after some seconds
//	<!-- walk: until TEXT -->               the next block goes on in a terminal of its own, once it has printed this
//	<!-- walk: first COMMANDS -->           what a reader does before the next block
//	<!-- walk: then COMMANDS -->            what a reader sees after it; COMMANDS fail if it is not there
//
// A comment that says something else, or something that is not in its block, is an error.
//
// Commands may call await SECONDS COMMAND, which repeats a command until it succeeds.
//
// A page that names machines gets them: each has a network, mounts, processes and a hostname of its own, its own /etc,
// /var, /run, /tmp and /usr/local/bin, what the page calls /shared in common with the others, and a systemctl that does
// what the units in /etc/systemd/system say. They are gone when the page has been walked. That needs root.
//
// Where to look:
//
//   - main.go: the pages, one after another
//   - page.go: blocks, and what a page says of them
//   - walk.go: one page, block by block
//   - shell.go: bash, and what it keeps between blocks
//   - machine.go: machines of their own, with machine.sh, which makes one, and systemctl.sh
package main
