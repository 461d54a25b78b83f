package orders

// Summary counts orders by state.
func Summary(list []*Order) map[State]int {
	counts := map[State]int{}
	for _, order := range list {
		counts[order.state]++
	}
	return counts
}
