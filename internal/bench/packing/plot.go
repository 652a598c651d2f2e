package packing

import (
	"fmt"
	"math"
	"strings"
)

// Plot draws two charts as SVG: how full sites get, and how long runs wait.
func (r *Report) Plot() string {
	var p plot
	p.text(0, 14, "start", "Filled, vCPU held in % of the bound")
	p.bars(r)
	p.text(360, 14, "start", "A day: wait of one run in a hundred, by load")
	p.lines(r)
	p.legend(r.Policies)
	return fmt.Sprintf(`<svg xmlns="http://www.w3.org/2000/svg" viewBox="-10 -6 740 290" font-family="sans-serif" `+
		`font-size="12"><rect x="-10" y="-6" width="740" height="290" fill="#fff"/>%s</svg>`+"\n", p.String())
}

// plot is an SVG in the making. Its charts are 200 high, from y 30 to 230.
type plot struct{ strings.Builder }

const (
	chartTop    = 30.0
	chartHeight = 200.0
)

var colours = []string{"#0b6e4f", "#7fb069", "#e6aa68", "#a23b72"}

func (p *plot) text(x, y float64, anchor, text string) {
	fmt.Fprintf(p, `<text x="%.0f" y="%.0f" text-anchor="%s">%s</text>`, x, y, anchor, text)
}

// mark draws a line of the scale of a chart.
func (p *plot) mark(x, width, at float64, label string) {
	y := chartTop + chartHeight*(1-at)
	fmt.Fprintf(p, `<path d="M%.0f %.1fh%.0f" stroke="#ccc"/>`, x+34, y, width-34)
	p.text(x+30, y+4, "end", label)
}

// bars draws from 50 % on, or the differences could not be seen.
func (p *plot) bars(r *Report) {
	const least = 0.5
	for _, part := range []float64{0.5, 0.6, 0.7, 0.8, 0.9, 1} {
		p.mark(0, 330, (part-least)/(1-least), fmt.Sprintf("%.0f", 100*part))
	}
	for size, machines := range Sizes {
		left := 46 + float64(size)*96
		p.text(left+36, chartTop+chartHeight+18, "middle", fmt.Sprintf("%d machines", machines))
		for i := range r.Policies {
			height := chartHeight * (r.Filled[i][size] - least) / (1 - least)
			fmt.Fprintf(p, `<rect x="%.0f" y="%.1f" width="16" height="%.1f" fill="%s"/>`,
				left+18*float64(i), chartTop+chartHeight-height, height, colours[i])
		}
	}
}

// lines draws waits on a scale from a second to a day, each mark ten times the one below.
func (p *plot) lines(r *Report) {
	const decades = 5
	for d, label := range []string{"1 s", "10 s", "100 s", "17 min", "2.8 h", "28 h"} {
		p.mark(370, 350, float64(d)/decades, label)
	}
	x := func(i int) float64 { return 430 + float64(i)*85 }
	for i, load := range Loads {
		p.text(x(i), chartTop+chartHeight+18, "middle", fmt.Sprintf("%.0f %%", 100*load))
	}
	for i := range r.Policies {
		var points []string
		for j, d := range r.Days[i] {
			at := math.Log10(math.Max(float64(d.Long), 1)) / decades
			points = append(points, fmt.Sprintf("%.0f,%.1f", x(j), chartTop+chartHeight*(1-at)))
		}
		fmt.Fprintf(p, `<polyline points="%s" fill="none" stroke="%s" stroke-width="2"/>`,
			strings.Join(points, " "), colours[i])
	}
}

func (p *plot) legend(policies []string) {
	for i, name := range policies {
		x := 40 + float64(i)*110
		fmt.Fprintf(p, `<rect x="%.0f" y="264" width="12" height="12" fill="%s"/>`, x, colours[i])
		p.text(x+18, 275, "start", name)
	}
}
