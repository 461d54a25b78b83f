// Package editor edits lists of lines.
package editor

import "errors"

// ErrIndex says that there is no such line.
var ErrIndex = errors.New("no such line")

// Editor is a list of lines that remembers what it was. No state shares memory with another.
type Editor struct {
	lines  []string
	past   [][]string
	future [][]string
	limit  int
}

// New edits a copy of these lines and remembers at most limit earlier states.
func New(lines []string, limit int) *Editor {
	return &Editor{lines: copyOf(lines), limit: limit}
}

// Lines are a copy of the lines as they are.
func (e *Editor) Lines() []string { return copyOf(e.lines) }

// Set replaces a line.
func (e *Editor) Set(index int, line string) error {
	return e.replace(index, len(e.lines)-1, 1, line)
}

// Insert puts a line before another one, or at the end.
func (e *Editor) Insert(index int, line string) error {
	return e.replace(index, len(e.lines), 0, line)
}

// Delete removes a line.
func (e *Editor) Delete(index int) error {
	return e.replace(index, len(e.lines)-1, 1)
}

func (e *Editor) replace(index, last, removed int, lines ...string) error {
	if index < 0 || index > last {
		return ErrIndex
	}
	after := append(copyOf(e.lines[:index]), lines...)
	e.past = append(e.past, e.lines)
	if len(e.past) > e.limit {
		e.past = e.past[1:]
	}
	e.future = nil
	e.lines = append(after, e.lines[index+removed:]...)
	return nil
}

// Undo takes the last edit back.
func (e *Editor) Undo() bool { return e.swap(&e.past, &e.future) }

// Redo makes the edit again that was taken back last.
func (e *Editor) Redo() bool { return e.swap(&e.future, &e.past) }

func (e *Editor) swap(from, to *[][]string) bool {
	last := len(*from) - 1
	if last < 0 {
		return false
	}
	*to = append(*to, e.lines)
	e.lines = (*from)[last]
	*from = (*from)[:last]
	return true
}

func copyOf(lines []string) []string { return append([]string{}, lines...) }
