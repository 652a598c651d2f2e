package output

import (
	"slices"
	"strings"
)

// Screen is what the terminal can show on which something is written; the zero Screen is no terminal, to which all is
// written as it is.
type Screen struct {
	Width  int  // cells of a line; 0: any number
	Colour bool // it shows colours
}

// leastFree is how narrow a column of free text may become.
const leastFree = 12

// fitted returns the widths of columns with which a table fits the screen: the widest column of free text becomes
// narrower, then the next one. Ids, names of states and numbers stay whole, even if the table does not fit then.
func (t *Table) fitted(widths []int) []int {
	fitted := slices.Clone(widths)
	for t.Screen.Width > 0 {
		over := total(fitted) - t.Screen.Width
		widest := t.widestFree(fitted)
		if over <= 0 || widest < 0 {
			break
		}
		fitted[widest] -= min(over, fitted[widest]-leastFree)
	}
	return fitted
}

// total is how long the lines of a table are.
func total(widths []int) int {
	sum := (len(widths) - 1) * len(gap)
	for _, width := range widths {
		sum += width
	}
	return sum
}

// widestFree returns the widest column of free text that may become narrower; -1: there is none.
func (t *Table) widestFree(widths []int) int {
	widest := -1
	for i, column := range t.Columns {
		if column.Free && widths[i] > leastFree && (widest < 0 || widths[i] > widths[widest]) {
			widest = i
		}
	}
	return widest
}

// cut shortens a text to a width in cells, and shows that it did.
func cut(text string, width int) string {
	if widthOf(text) <= width {
		return text
	}
	return strings.TrimRight(within(text, width-1), " ") + "…"
}

// The colours of states, as terminals number them.
const (
	red    = "31"
	green  = "32"
	yellow = "33"
)

// colourOf returns the colour of a state: green for what is well, red for what is not, yellow for what waits or passes.
// What rests or is over as it was wanted has none.
func colourOf(state string) string {
	switch state {
	case "STARTED", "RUNNING", "SUCCESS", "SUCCEEDED", "READY":
		return green
	case "FAILED", "LOST", "LOSING":
		return red
	case "CREATING", "STARTING", "STOPPING", "SUBMITTED", "QUEUED", "PENDING", "WAITING", "SCHEDULED", "CANCELLING",
		"PLACED", "ASSIGNED", "NOT_APPROVED":
		return yellow
	}
	return ""
}

// paint colours what stands under a name, if it is a state and the screen shows colours.
func (s Screen) paint(name, text string) string {
	if !s.Colour || !strings.EqualFold(name, "state") || colourOf(text) == "" {
		return text
	}
	return "\x1b[" + colourOf(text) + "m" + text + "\x1b[0m"
}
