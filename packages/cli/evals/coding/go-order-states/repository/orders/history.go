package orders

// Transition is one change of state.
type Transition struct {
	Event    Event
	From, To State
}

// History lists what happened, oldest first.
func (o *Order) History() []Transition {
	return nil
}

// Refund asks for cents back: the event "refund" with an amount.
func (o *Order) Refund(cents int) error {
	return o.Apply("refund")
}

// Refunded is how many cents were given back so far.
func (o *Order) Refunded() int {
	return 0
}
