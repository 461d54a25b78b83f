package editor

// Batches cuts lines into groups of at most size; it panics when size is below 1.
func Batches(lines []string, size int) [][]string {
	batches := [][]string{}
	for len(lines) > size {
		batches = append(batches, lines[:size])
		lines = lines[size:]
	}
	return append(batches, lines)
}
