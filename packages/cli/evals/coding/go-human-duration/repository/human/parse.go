// Package human reads and writes durations as people do.
package human

import (
	"errors"
	"strconv"
	"time"
)

var units = map[byte]time.Duration{'h': time.Hour, 'm': time.Minute, 's': time.Second}

// Parse reads a duration such as "2h30m".
func Parse(text string) (time.Duration, error) {
	var total time.Duration
	number := ""
	for index := 0; index < len(text); index++ {
		character := text[index]
		if character >= '0' && character <= '9' {
			number += string(character)
			continue
		}
		unit, ok := units[character]
		if !ok {
			return 0, errors.New("unknown unit")
		}
		count, err := strconv.Atoi(number)
		if err != nil {
			return 0, err
		}
		total += time.Duration(count) * unit
		number = ""
	}
	return total, nil
}
