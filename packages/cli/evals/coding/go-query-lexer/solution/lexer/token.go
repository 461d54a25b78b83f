package lexer

import "fmt"

// Kind tells tokens apart.
type Kind string

// The kinds of tokens.
const (
	Name     Kind = "name"
	Number   Kind = "number"
	String   Kind = "string"
	Operator Kind = "operator"
)

// Token is a piece of a query; of a string, Text is what it means. Line and Column count characters from 1.
type Token struct {
	Kind         Kind
	Text         string
	Line, Column int
}

// Error is a place where no token can be read.
type Error struct {
	Line, Column int
	Message      string
}

func (e *Error) Error() string {
	return fmt.Sprintf("%d:%d: %s", e.Line, e.Column, e.Message)
}
