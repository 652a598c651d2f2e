package session

import (
	"strings"
	"testing"

	agentv1 "github.com/headrace/headrace/proto/headrace/agent/v1"
)

func TestExpand_RefusesAProgramThatIsNotThere(t *testing.T) {
	part := &agentv1.Assignment{Workers: []*agentv1.AssignedWorker{{WorkerId: "w", ProgramNumber: 1}}}
	if err := expand(part); err == nil || !strings.Contains(err.Error(), "0 programs that names the program 1") {
		t.Error(err)
	}
	part = &agentv1.Assignment{Slots: []*agentv1.AssignedSlot{{SlotId: "s", ProgramNumber: 1 << 31}}}
	if err := expand(part); err == nil {
		t.Error("the program 2147483648 of none was taken")
	}
}
