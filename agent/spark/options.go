package spark

import "strings"

// splitOptions splits JVM options as Spark's launcher does: at blanks, but not within single or double quotes; a backslash
// takes the next character as it is, in double quotes only before a quote or a backslash.
func splitOptions(text string) []string {
	var options []string
	var word strings.Builder
	inWord, quote := false, rune(0)
	runes := []rune(strings.TrimSpace(text))
	for i := 0; i < len(runes); i++ {
		c := runes[i]
		switch {
		case c == '\\' && i+1 < len(runes) && quote != '\'' && (quote == 0 || runes[i+1] == '"' || runes[i+1] == '\\'):
			i++
			word.WriteRune(runes[i])
			inWord = true
		case quote == 0 && (c == '\'' || c == '"'):
			quote, inWord = c, true
		case c == quote && quote != 0:
			quote = 0
		case quote == 0 && strings.ContainsRune(" \t\r\n", c):
			if inWord {
				options = append(options, word.String())
			}
			word.Reset()
			inWord = false
		default:
			word.WriteRune(c)
			inWord = true
		}
	}
	if inWord {
		options = append(options, word.String())
	}
	return options
}
