// Package ini reads settings.
package ini

import (
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
)

// What can be wrong with a line.
var (
	ErrSection   = errors.New("not a section")
	ErrKey       = errors.New("not a key with a value")
	ErrDuplicate = errors.New("a key that is there already")
)

// ParseError says which line is wrong; it wraps one of the errors above.
type ParseError struct {
	Line    int
	Message string
	kind    error
}

func (e *ParseError) Error() string { return fmt.Sprintf("line %d: %s", e.Line, e.Message) }

// Unwrap is the kind of error.
func (e *ParseError) Unwrap() error { return e.kind }

type place struct{ section, key string }

// File holds values by section and key, whose names are not case sensitive.
type File struct {
	values map[place]string
}

// Parse reads settings. Errors in them are of type *ParseError, others are the reader's.
func Parse(r io.Reader) (*File, error) {
	data, err := io.ReadAll(r)
	if err != nil {
		return nil, err
	}
	file := &File{values: map[place]string{}}
	section := ""
	for index, line := range strings.Split(strings.TrimPrefix(string(data), "\ufeff"), "\n") {
		line = strings.TrimSpace(line)
		wrong := func(kind error) error {
			return &ParseError{index + 1, fmt.Sprintf("%q is %v", line, kind), kind}
		}
		if line == "" || line[0] == ';' || line[0] == '#' {
			continue
		}
		if line[0] == '[' {
			if !strings.HasSuffix(line, "]") || len(line) == 2 {
				return nil, wrong(ErrSection)
			}
			section = strings.ToLower(line[1 : len(line)-1])
			continue
		}
		key, value, found := strings.Cut(line, "=")
		at := place{section, strings.ToLower(strings.TrimSpace(key))}
		if !found || at.key == "" {
			return nil, wrong(ErrKey)
		}
		if _, there := file.values[at]; there {
			return nil, wrong(ErrDuplicate)
		}
		file.values[at] = strings.TrimSpace(value)
	}
	return file, nil
}

// String is a value, or the fallback when there is none.
func (f *File) String(section, key, fallback string) (string, error) {
	if value, ok := f.values[place{strings.ToLower(section), strings.ToLower(key)}]; ok {
		return value, nil
	}
	return fallback, nil
}

// Int is a whole number.
func (f *File) Int(section, key string, fallback int) (int, error) {
	value, ok := f.values[place{strings.ToLower(section), strings.ToLower(key)}]
	if !ok {
		return fallback, nil
	}
	return strconv.Atoi(value)
}

// Bool is true or false.
func (f *File) Bool(section, key string, fallback bool) (bool, error) {
	value, ok := f.values[place{strings.ToLower(section), strings.ToLower(key)}]
	if !ok {
		return fallback, nil
	}
	switch strings.ToLower(value) {
	case "true":
		return true, nil
	case "false":
		return false, nil
	}
	return fallback, fmt.Errorf("%q is neither true nor false", value)
}
