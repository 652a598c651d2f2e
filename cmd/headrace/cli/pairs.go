package cli

// first returns the first value that is there.
func first[T any](values ...*T) *T {
	for _, value := range values {
		if value != nil {
			return value
		}
	}
	return nil
}

// or returns a text, or another one for an empty text.
func or(text, otherwise string) string {
	if text == "" {
		return otherwise
	}
	return text
}
