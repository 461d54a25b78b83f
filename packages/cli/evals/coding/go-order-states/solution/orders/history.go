package orders

import "fmt"

// Transition is one change of state.
type Transition struct {
	Event    Event
	From, To State
}

// History lists what happened, oldest first.
func (o *Order) History() []Transition {
	return append([]Transition{}, o.history...)
}

// Refund asks for cents back: the event "refund" with an amount.
func (o *Order) Refund(cents int) error {
	if _, ok := transitions[o.state][refund]; ok && (cents < 1 || cents > o.Total-o.refunded) {
		return fmt.Errorf("%d of %d cents cannot be refunded", cents, o.Total-o.refunded)
	}
	if err := o.Apply(refund); err != nil {
		return err
	}
	o.asked = cents
	return nil
}

// Refunded is how many cents were given back so far.
func (o *Order) Refunded() int {
	return o.refunded
}
