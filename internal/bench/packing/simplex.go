package packing

import "math"

// maximise returns the largest sum of gains times variables, where no row times the variables exceeds its limit. All
// variables and limits are at least 0. It is the simplex method on a dense table: a program here has a hundred columns.
// Each step takes the column that gains most for each unit or, after many steps, the first that gains at all, with
// which the method cannot go round in circles (Bland's rule).
func maximise(gains []float64, rows [][]float64, limits []float64) float64 {
	t := newTableau(gains, rows, limits)
	for step := 0; ; step++ {
		column := t.entering(step > 50*len(t.rows))
		if column < 0 {
			return t.gain
		}
		row := t.leaving(column)
		if row < 0 {
			panic("a linear program of packing has no bound, though every variable has a limit")
		}
		t.pivot(row, column)
	}
}

// nearly is what counts as 0.
const nearly = 1e-9

// tableau is a linear program in the form of a basic solution: one variable for each row, the others are 0.
type tableau struct {
	rows   [][]float64 // over all variables: those of the program, then a slack for each row
	limits []float64   // values of the variables of the solution
	costs  []float64   // what one unit more of each variable loses; negative: gains
	basis  []int       // the variable of each row
	gain   float64
}

func newTableau(gains []float64, rows [][]float64, limits []float64) *tableau {
	columns := len(gains) + len(rows)
	t := &tableau{costs: make([]float64, columns)}
	for i, gain := range gains {
		t.costs[i] = -gain
	}
	for i, row := range rows {
		whole := make([]float64, columns)
		copy(whole, row)
		whole[len(gains)+i] = 1
		t.rows = append(t.rows, whole)
		t.limits = append(t.limits, limits[i])
		t.basis = append(t.basis, len(gains)+i)
	}
	return t
}

// entering returns the variable that is to grow, or -1 if none gains.
func (t *tableau) entering(first bool) int {
	best := -1
	for i, cost := range t.costs {
		if cost < -nearly && (best < 0 || cost < t.costs[best]) {
			best = i
			if first {
				break
			}
		}
	}
	return best
}

// leaving returns the row whose variable is 0 first when another one grows, or -1; of equal ones that with the first
// variable.
func (t *tableau) leaving(column int) int {
	best, least := -1, math.Inf(1)
	for i, row := range t.rows {
		if row[column] <= nearly {
			continue
		}
		ratio := t.limits[i] / row[column]
		if best < 0 || ratio < least-nearly || ratio <= least+nearly && t.basis[i] < t.basis[best] {
			best, least = i, min(ratio, least)
		}
	}
	return best
}

// pivot puts the variable of a column in the place of that of a row.
func (t *tableau) pivot(row, column int) {
	pivot := t.rows[row]
	scale := 1 / pivot[column]
	for i := range pivot {
		pivot[i] *= scale
	}
	t.limits[row] *= scale
	for i, other := range t.rows {
		if factor := other[column]; i != row && factor != 0 {
			subtract(other, pivot, factor)
			t.limits[i] = max(t.limits[i]-factor*t.limits[row], 0)
		}
	}
	factor := t.costs[column]
	subtract(t.costs, pivot, factor)
	t.gain -= factor * t.limits[row]
	t.basis[row] = column
}

func subtract(from, row []float64, factor float64) {
	for i := range from {
		from[i] -= factor * row[i]
	}
}
