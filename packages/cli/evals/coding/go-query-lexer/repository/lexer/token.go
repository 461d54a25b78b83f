package lexer

// Kind tells tokens apart.
type Kind string

// The kinds of tokens.
const (
	Name     Kind = "name"
	Number   Kind = "number"
	Operator Kind = "operator"
)

// Token is a piece of a query.
type Token struct {
	Kind Kind
	Text string
}
