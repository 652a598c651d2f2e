package output

import (
	"io"
	"strings"
)

// gap is the space between two columns.
const gap = "  "

// Column is a column of a table.
type Column struct {
	Title string
	Right bool // numbers stand right
	Free  bool // free text, which may be cut where the terminal is too narrow
}

// Columns returns columns by their titles; a title that begins with > stands right, one that begins with ~ is above
// free text.
func Columns(titles ...string) []Column {
	columns := make([]Column, len(titles))
	for i, title := range titles {
		title, right := strings.CutPrefix(title, ">")
		title, free := strings.CutPrefix(title, "~")
		columns[i] = Column{Title: title, Right: right, Free: free}
	}
	return columns
}

// Table is rows below a line of titles.
type Table struct {
	Columns []Column
	Rows    [][]string
	Screen  Screen
}

// Add adds a row, with a cell for each column. An empty cell is written as a dash.
func (t *Table) Add(cells ...string) {
	row := make([]string, len(t.Columns))
	for i := range row {
		row[i] = "-"
		if i < len(cells) && cells[i] != "" {
			row[i] = oneLine(cells[i])
		}
	}
	t.Rows = append(t.Rows, row)
}

// oneLine keeps a cell from breaking its row, and from acting on the terminal.
func oneLine(cell string) string { return one(strings.Join(strings.Fields(cell), " ")) }

// Write writes the titles and the rows; no line ends with blanks.
func (t *Table) Write(w io.Writer) error {
	titles := make([]string, len(t.Columns))
	for i, column := range t.Columns {
		titles[i] = column.Title
	}
	widths := t.fitted(t.widths())
	var text strings.Builder
	for _, row := range append([][]string{titles}, t.Rows...) {
		text.WriteString(t.line(row, widths))
	}
	return write(w, text.String())
}

func (t *Table) widths() []int {
	widths := make([]int, len(t.Columns))
	for i, column := range t.Columns {
		widths[i] = widthOf(column.Title)
		for _, row := range t.Rows {
			widths[i] = max(widths[i], widthOf(row[i]))
		}
	}
	return widths
}

func (t *Table) line(row []string, widths []int) string {
	cells := make([]string, len(row))
	for i, cell := range row {
		cell = cut(cell, widths[i])
		shown := t.Screen.paint(t.Columns[i].Title, cell)
		cells[i] = Pad(shown, widths[i]+len(shown)-len(cell), t.Columns[i].Right)
	}
	return strings.TrimRight(strings.Join(cells, gap), " ") + "\n"
}

// Pad fills a text up to a width in cells of a terminal.
func Pad(text string, width int, right bool) string {
	blanks := strings.Repeat(" ", max(width-widthOf(text), 0))
	if right {
		return blanks + text
	}
	return text + blanks
}
