package dispatch

import (
	"slices"

	"google.golang.org/protobuf/proto"

	agentv1 "github.com/headrace/headrace/proto/headrace/agent/v1"
)

// maxPart bounds a part of an assignment, in bytes: far below what gRPC takes on either side. One worker that is larger
// with its program has a part of its own; what is checked at submission keeps it below two of them.
const maxPart = 1 << 20

// beside is what an element of a list needs beside its own bytes, at most.
const beside = 16

// idsPerPart bounds the ids that are told to be forgotten in one part.
const idsPerPart = 10_000

// parts cuts an assignment into messages while it is made, so that no more than one of them is in memory. One goroutine
// uses it.
type parts struct {
	whole   *agentv1.Assignment // term, record and whether it is complete
	send    func(*agentv1.Assignment) error
	now     *agentv1.Assignment // the part that is being filled
	bytes   int                 // of what is in it
	numbers map[*program]uint32 // of the programs in it
	sent    uint32
}

func newParts(whole *agentv1.Assignment, send func(*agentv1.Assignment) error) *parts {
	p := &parts{whole: whole, send: send}
	p.begin()
	return p
}

// begin begins the next part.
func (p *parts) begin() {
	p.now = &agentv1.Assignment{
		Term:     p.whole.GetTerm(),
		Record:   p.whole.GetRecord(),
		Complete: p.whole.GetComplete(),
		Part:     p.sent,
	}
	p.bytes = 0
	p.numbers = map[*program]uint32{}
}

// worker adds a worker with what it runs, which may be nil.
func (p *parts) worker(w *agentv1.AssignedWorker, runs *program) error {
	number, err := p.room(proto.Size(w), runs)
	w.ProgramNumber = number
	p.now.Workers = append(p.now.Workers, w)
	return err
}

// slot adds a slot with what waits in it, which may be nil.
func (p *parts) slot(s *agentv1.AssignedSlot, waits *program) error {
	number, err := p.room(proto.Size(s), waits)
	s.ProgramNumber = number
	p.now.Slots = append(p.now.Slots, s)
	return err
}

// room makes room for something, which may need a new part, and returns the number of its program in the part.
func (p *parts) room(bytes int, of *program) (number uint32, err error) {
	if more := bytes + beside + p.missing(of); p.bytes > 0 && p.bytes+more > maxPart {
		if err := p.flush(true); err != nil {
			return 0, err
		}
	}
	p.bytes += bytes + beside + p.missing(of)
	if of == nil {
		return 0, nil
	}
	if p.numbers[of] == 0 {
		p.now.Programs = append(p.now.Programs, of.message)
		p.numbers[of] = uint32(len(p.now.GetPrograms()))
	}
	return p.numbers[of], nil
}

// missing is what a program adds to the part: nothing when it is in it already.
func (p *parts) missing(of *program) int {
	if of == nil || p.numbers[of] != 0 {
		return 0
	}
	return of.bytes + beside
}

// flush sends the part.
func (p *parts) flush(goesOn bool) error {
	p.now.GoesOn = goesOn
	if err := p.send(p.now); err != nil {
		return err
	}
	p.sent++
	p.begin()
	return nil
}

// end adds what is to be forgotten and sends the last part, unless nothing was said at all.
func (p *parts) end(workers, slots []string) error {
	for some := range slices.Chunk(workers, idsPerPart) {
		if err := p.roomToForget(p.now.Forget); err != nil {
			return err
		}
		p.now.Forget = some
		p.bytes += len(some) * beside * 2
	}
	for some := range slices.Chunk(slots, idsPerPart) {
		if err := p.roomToForget(p.now.ForgetSlots); err != nil {
			return err
		}
		p.now.ForgetSlots = some
		p.bytes += len(some) * beside * 2
	}
	if p.bytes == 0 && p.sent == 0 && !p.whole.GetComplete() {
		return nil
	}
	return p.flush(false)
}

// roomToForget sends the part if it names such ids already, or is half full.
func (p *parts) roomToForget(named []string) error {
	if named == nil && p.bytes <= maxPart/2 {
		return nil
	}
	return p.flush(true)
}
