package orders

// Summary counts orders by state.
func Summary(list []*Order) map[State]int {
	counts := map[State]int{New: 0, Paid: 0, Shipped: 0, Cancelled: 0}
	for _, order := range list {
		counts[order.state]++
	}
	return counts
}
