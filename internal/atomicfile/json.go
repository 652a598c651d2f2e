package atomicfile

import (
	"encoding/json"
	"errors"
	"io/fs"
	"os"
)

// WriteJSON makes the file at path with a value as JSON. See Write.
func WriteJSON(path string, options Options, value any) error {
	content, err := json.Marshal(value)
	if err != nil {
		return err
	}
	return WriteBytes(path, options, content)
}

// ReadJSON reads a value that WriteJSON wrote. If there is no such file, found is false and the value stays as it is.
func ReadJSON(path string, value any) (found bool, err error) {
	content, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	return true, json.Unmarshal(content, value)
}
