package fsm_test

import (
	"strconv"
	"strings"

	"github.com/headrace/headrace/fsm/state"
	specv1 "github.com/headrace/headrace/proto/headrace/spec/v1"
	"github.com/headrace/headrace/server/command"
)

// capacityDecision has one line per verb that is about pre-initialised slots, updates and tags.
func (s *teller) capacityDecision(verb string, a args) decision {
	switch verb {
	case "reserve": // app DRIVER n1*1 n2*2
		return &command.ReserveSlots{
			ApplicationID: a.first(),
			Type:          typeNamed(a.names[1]),
			Shares:        s.shares(a.names[2:]),
		}
	case "ready": // w1 w2 [message=why not]; all are on the node of the first
		return s.ready(a)
	case "update": // app and the settings of specify
		return &command.UpdateApplication{
			Request:       request("UpdateApplication", a),
			ApplicationID: a.first(),
			Change:        func(was *specv1.Application) (*specv1.Application, error) { return specify(was, a), nil },
			By:            "ann",
			Operator:      true,
		}
	case "tag": // app [run] key=value
		return &command.TagResource{
			ApplicationID: a.first(),
			JobRunID:      strings.Join(a.names[1:], ""),
			Tags:          a.settings,
			By:            "ann",
		}
	}
	// untag: app [run] keys=a,b
	return &command.UntagResource{
		ApplicationID: a.first(),
		JobRunID:      strings.Join(a.names[1:], ""),
		Keys:          strings.Split(a.settings["keys"], ","),
		By:            "ann",
	}
}

func typeNamed(name string) state.WorkerType {
	for t := state.TypeDriver; t < state.TypeTask; t++ {
		if t.String() == name {
			return t
		}
	}
	return state.TypeTask
}

// shares reads n1*2 n2*1.
func (s *teller) shares(words []string) (shares []command.Share) {
	for _, word := range words {
		node, count, _ := strings.Cut(word, "*")
		n, err := strconv.ParseUint(count, 10, 32)
		s.must(err)
		shares = append(shares, command.Share{Node: node, Count: uint32(n)})
	}
	return shares
}

func (s *teller) ready(a args) *command.ReportSlots {
	said, failed := a.settings["message"]
	c := &command.ReportSlots{Node: s.nodeOfSlot(a.first())}
	for _, id := range a.names {
		c.Statuses = append(c.Statuses, command.SlotStatus{SlotID: id, Ready: !failed, Error: said})
	}
	return c
}

func (s *teller) nodeOfSlot(id string) string {
	if slot := s.machine.View().Slot(id); slot != nil {
		return slot.Node
	}
	return "none"
}
