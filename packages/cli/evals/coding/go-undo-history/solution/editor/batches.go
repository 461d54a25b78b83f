package editor

// Batches cuts lines into groups of at most size, which share no memory; it panics when size is below 1.
func Batches(lines []string, size int) [][]string {
	if size < 1 {
		panic("a batch needs room")
	}
	batches := [][]string{}
	for start := 0; start < len(lines); start += size {
		batches = append(batches, copyOf(lines[start:min(start+size, len(lines))]))
	}
	return batches
}
