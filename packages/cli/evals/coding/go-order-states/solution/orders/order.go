package orders

// Order is what somebody bought. Amounts are in cents.
type Order struct {
	ID       string
	Total    int
	state    State
	before   State
	asked    int
	refunded int
	history  []Transition
}

// NewOrder is an order that nobody paid yet.
func NewOrder(id string, total int) *Order {
	return &Order{ID: id, Total: total, state: New}
}

// State is where it is now.
func (o *Order) State() State { return o.state }

// Apply changes the state, or returns a *TransitionError. A refund is of all that is left.
func (o *Order) Apply(event Event) error {
	next, ok := transitions[o.state][event]
	if !ok {
		return &TransitionError{o.state, event}
	}
	switch event {
	case refund:
		o.before = o.state
		o.asked = o.Total - o.refunded
	case refundFailed:
		next = o.before
	case refundDone:
		o.refunded += o.asked
		if o.refunded < o.Total {
			next = o.before
		}
	}
	o.history = append(o.history, Transition{event, o.state, next})
	o.state = next
	return nil
}
