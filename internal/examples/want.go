package main

import (
	"cmp"
	"fmt"
	"maps"
	"os"
	"regexp"
	"slices"
	"strings"
)

// example is a folder of examples, and what its run.sh is to print.
type example struct {
	name string
	want func() (string, error)
}

var all = []example{
	{"word-count", wordCount},
	{"jar-main-class", primes},
	{"skewed-join", skewedJoin},
	{"python-environment", numerals},
	{"iceberg-merge", merge},
	{"streaming", streaming},
	{"history", failures},
}

var word = regexp.MustCompile(`[a-z']+`)

func wordCount() (string, error) {
	text, err := os.ReadFile("examples/word-count/text.txt")
	counts := map[string]int{}
	total := 0
	for _, w := range word.FindAllString(strings.ToLower(string(text)), -1) {
		counts[w]++
		total++
	}
	words := slices.SortedFunc(maps.Keys(counts), func(a, b string) int {
		return cmp.Or(cmp.Compare(counts[b], counts[a]), cmp.Compare(a, b))
	})
	var out strings.Builder
	for _, w := range words[:min(10, len(words))] {
		fmt.Fprintf(&out, "%7d  %s\n", counts[w], w)
	}
	fmt.Fprintf(&out, "%7d  words in all, %d different ones\n", total, len(counts))
	return out.String(), err
}

func primes() (string, error) {
	const below = 200_000
	composite := make([]bool, below)
	count := 0
	for n := 2; n < below; n++ {
		if composite[n] {
			continue
		}
		count++
		for m := n * n; m < below; m += n {
			composite[m] = true
		}
	}
	return fmt.Sprintf("%d primes below %d\n", count, below), nil
}

func skewedJoin() (string, error) {
	const orders = 1_000_000
	var count, amount [7]int
	for id := range orders {
		customer := 0
		if id%10 == 0 {
			customer = 1 + id/10%999
		}
		count[customer%7]++
		amount[customer%7] += id % 100
	}
	var out strings.Builder
	for region := range 7 {
		fmt.Fprintf(&out, "region %d: %d orders, %d in all\n", region, count[region], amount[region])
	}
	out.WriteString("Spark split the skewed partition: True\nexecutors came with the load: True and went: True\n")
	return out.String(), nil
}

func numerals() (string, error) {
	return "driver: MMXXIV\n1066 MLXVI\n1492 MCDXCII\n1969 MCMLXIX\n2024 MMXXIV\n", nil
}

func merge() (string, error) {
	return "today\n  apple   14\n  cherry   7\n  date    12\n" +
		"the day before\n  apple   10\n  banana   5\n  cherry   7\n", nil
}

func streaming() (string, error) {
	return "batches so far: 1\nbatches so far: 2\n" +
		"words in all, each file counted once:\n  be 2\n  not 1\n  or 1\n  sleep 1\n  to 3\n", nil
}
