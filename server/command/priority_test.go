package command_test

import (
	"testing"

	"github.com/headrace/headrace/internal/errs"
	"github.com/headrace/headrace/server/command"
)

// TestPriority_IsForOperatorsAboveTheUsualOne: who else says more than 50 would pass before everybody.
func TestPriority_IsForOperatorsAboveTheUsualOne(t *testing.T) {
	w := newWorld(t)
	by := func(operator bool, priority uint32) *command.CreateApplication {
		c := create("mine", ofPriority(priority))
		c.Operator = operator
		return c
	}
	change := func(operator bool, priority uint32) *command.UpdateApplication {
		c := update("mine", ofPriority(priority))
		c.By, c.Operator = "bob", operator
		return c
	}
	w.refuses(by(false, 51), errs.Forbidden, "spec.priority 51 as ann: more than 50 is for operators")
	w.given(by(false, 50))
	w.refuses(change(false, 60), errs.Forbidden, "spec.priority 60 as bob: more than 50 is for operators")
	w.given(change(true, 60))
	w.given(change(false, 55))
	w.refuses(change(false, 60), errs.Forbidden, "more than 55 is for operators")
	w.given(change(false, 10))
	w.given(change(true, 100))
}
