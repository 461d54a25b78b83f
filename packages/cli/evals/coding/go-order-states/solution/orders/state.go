// Package orders follows orders from cart to door.
package orders

// State is where an order is.
type State string

// Event is what happens to an order.
type Event string

// The states.
const (
	New       State = "new"
	Paid      State = "paid"
	Shipped   State = "shipped"
	Cancelled State = "cancelled"
	Refunding State = "refunding"
	Refunded  State = "refunded"
)

// The events of a refund.
const (
	refund       Event = "refund"
	refundDone   Event = "refund-done"
	refundFailed Event = "refund-failed"
)

var transitions = map[State]map[Event]State{
	New:     {"pay": Paid, "cancel": Cancelled},
	Paid:    {"ship": Shipped, refund: Refunding},
	Shipped: {refund: Refunding},
	// Where these lead depends on the order.
	Refunding: {refundDone: Refunded, refundFailed: Refunded},
}
