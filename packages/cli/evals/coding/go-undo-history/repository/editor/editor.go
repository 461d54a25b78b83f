// Package editor edits lists of lines.
package editor

import "errors"

// ErrIndex says that there is no such line.
var ErrIndex = errors.New("no such line")

// Editor is a list of lines that remembers what it was.
type Editor struct {
	lines  []string
	past   [][]string
	future [][]string
	limit  int
}

// New edits these lines and remembers at most limit earlier states.
func New(lines []string, limit int) *Editor {
	return &Editor{lines: lines, limit: limit}
}

// Lines are the lines as they are.
func (e *Editor) Lines() []string { return e.lines }

// Set replaces a line.
func (e *Editor) Set(index int, line string) error {
	e.remember()
	if index > len(e.lines) {
		return ErrIndex
	}
	e.lines[index] = line
	return nil
}

// Insert puts a line before another one, or at the end.
func (e *Editor) Insert(index int, line string) error {
	e.remember()
	if index > len(e.lines) {
		return ErrIndex
	}
	e.lines = append(e.lines[:index], append([]string{line}, e.lines[index:]...)...)
	return nil
}

// Delete removes a line.
func (e *Editor) Delete(index int) error {
	e.remember()
	if index > len(e.lines) {
		return ErrIndex
	}
	e.lines = append(e.lines[:index], e.lines[index+1:]...)
	return nil
}

func (e *Editor) remember() {
	if len(e.past) < e.limit {
		e.past = append(e.past, e.lines)
	}
}

// Undo takes the last edit back.
func (e *Editor) Undo() bool {
	last := len(e.past) - 1
	e.future = append(e.future, e.lines)
	e.lines = e.past[last]
	e.past = e.past[:last]
	return true
}

// Redo makes the edit again that was taken back last.
func (e *Editor) Redo() bool {
	last := len(e.future) - 1
	e.past = append(e.past, e.lines)
	e.lines = e.future[last]
	e.future = e.future[:last]
	return true
}
