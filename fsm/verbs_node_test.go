package fsm_test

import (
	"fmt"
	"time"

	"github.com/headrace/headrace/server/command"
)

// serviceDecision takes nodes out of service: node [within=60 seconds] [stop] [asks=9 stops=9] [message=...].
func (s *teller) serviceDecision(verb string, a args) decision {
	switch verb {
	case "cordon":
		return &command.CordonNode{IDOrName: a.first(), Reason: a.settings["message"], By: "ann"}
	case "uncordon":
		return &command.UncordonNode{IDOrName: a.first(), By: "ann"}
	case "drain":
		return &command.DrainNode{
			IDOrName:    a.first(),
			Reason:      a.settings["message"],
			By:          "ann",
			Within:      time.Duration(a.number("within", 60)) * time.Second,
			StopDrivers: a.has("stop"),
		}
	case "cancel-drain":
		return &command.CancelDrain{IDOrName: a.first(), By: "ann"}
	case "advance":
		room := command.DrainRoom{Asks: int(a.number("asks", 9)), Stops: int(a.number("stops", 9))}
		return &command.AdvanceDrain{Node: a.first(), Room: room}
	case "try":
		return &command.TryNode{Node: a.first()}
	}
	panic(fmt.Sprintf("a story has no verb %q", verb))
}
