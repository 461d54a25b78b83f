package orders

import "fmt"

// Order is what somebody bought. Amounts are in cents.
type Order struct {
	ID     string
	Total  int
	state  State
	refund int
}

// NewOrder is an order that nobody paid yet.
func NewOrder(id string, total int) *Order {
	return &Order{ID: id, Total: total, state: New}
}

// State is where it is now.
func (o *Order) State() State { return o.state }

// Apply changes the state.
func (o *Order) Apply(event Event) error {
	next, ok := transitions[o.state][event]
	if !ok {
		return fmt.Errorf("cannot %s", event)
	}
	o.state = next
	return nil
}
