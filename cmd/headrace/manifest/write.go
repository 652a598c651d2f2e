package manifest

import (
	"bytes"

	"gopkg.in/yaml.v3"
)

// Write returns documents as a file that Read reads.
func Write(documents ...*ApplicationDocument) ([]byte, error) {
	var text bytes.Buffer
	encoder := yaml.NewEncoder(&text)
	encoder.SetIndent(2)
	for _, d := range documents {
		if err := encoder.Encode(d); err != nil {
			return nil, err
		}
	}
	return text.Bytes(), encoder.Close()
}
