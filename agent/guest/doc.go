// Package guest touches files with the rights of a worker, and with none of the agent's.
//
// Whatever belongs to a run is hostile: its archives, the folders that its program writes to, every path that its user
// names. An agent that is root would open, write and change there what the user may not, through a link that leads
// elsewhere. So nothing of a run is touched but through a User: the kernel then checks each step as it would check the
// worker's own. A linter holds that (.golangci.yml).
//
// It works on a thread of its own, which gives up all capabilities and takes the worker's user and group for files
// (setfsuid). The thread is never given back: it ends with the call, so no later call runs with the wrong rights. The
// process itself stays the agent's: workers can neither signal nor trace it. A nil User is the agent's own, for an
// agent that has no other one to give.
//
// What is below a worker's directory is reached through a Folder, which nothing leads out of: neither .. nor a link. To
// open the folder itself takes the agent's rights, as the way to it may be closed to the worker; so it has to be one
// that the agent made.
//
// Two acts keep the agent's rights, since the owner of a folder may close it to itself: Measure and Remove. They open
// folders only, follow no link and read no file.
//
//	user.go     a user, and how a thread takes its rights; file.go: files at any path
//	folder.go   a folder of a worker, and files in it; walk.go: a walk through folders that a program fills
//	graft.go    everything of a folder, moved into another one
//	data.go     where a file has data, and where holes
//	measure.go  how much a folder uses; remove.go: a folder goes, with all that is in it
package guest
