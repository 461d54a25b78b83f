package orders

import "fmt"

// TransitionError says that an event does not fit a state.
type TransitionError struct {
	State State
	Event Event
}

func (e *TransitionError) Error() string {
	return fmt.Sprintf("an order that is %s cannot %s", e.State, e.Event)
}
