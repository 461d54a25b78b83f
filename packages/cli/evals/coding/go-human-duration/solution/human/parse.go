// Package human reads and writes durations as people do.
package human

import (
	"errors"
	"fmt"
	"math/big"
	"regexp"
	"strings"
	"time"
)

// ErrInvalid says that a text is no duration.
var ErrInvalid = errors.New("not a duration")

const day = 24 * time.Hour

type unit struct {
	name   string
	length time.Duration
}

var units = []unit{{"w", 7 * day}, {"d", day}, {"h", time.Hour}, {"m", time.Minute}, {"s", time.Second}}

const part = `(?:(\d+(?:\.\d+)?)%s\s*)?`

var form = regexp.MustCompile(`^\s*(-?)` + parts() + `$`)

func parts() string {
	var pattern strings.Builder
	for _, one := range units {
		fmt.Fprintf(&pattern, part, one.name)
	}
	return pattern.String()
}

// Parse reads a duration such as "-1w 2d 1.5h". Its errors wrap ErrInvalid.
func Parse(text string) (time.Duration, error) {
	invalid := fmt.Errorf("%w: \"%s\"", ErrInvalid, text)
	match := form.FindStringSubmatch(text)
	if match == nil || strings.Join(match[2:], "") == "" {
		return 0, invalid
	}
	total := new(big.Rat)
	for index, one := range units {
		if number, ok := new(big.Rat).SetString(match[index+2]); ok {
			total.Add(total, number.Mul(number, new(big.Rat).SetInt64(int64(one.length))))
		}
	}
	if match[1] == "-" {
		total.Neg(total)
	}
	whole := new(big.Int).Quo(total.Num(), total.Denom())
	if !whole.IsInt64() {
		return 0, invalid
	}
	return time.Duration(whole.Int64()), nil
}

// Format writes the two largest parts of a duration, in whole seconds.
func Format(length time.Duration) string {
	seconds := int64(length / time.Second)
	sign := ""
	if seconds < 0 {
		sign = "-"
		seconds = -seconds
	}
	var found []string
	for _, one := range units {
		count := seconds / int64(one.length/time.Second)
		seconds %= int64(one.length / time.Second)
		if count > 0 && len(found) < 2 {
			found = append(found, fmt.Sprintf("%d%s", count, one.name))
		}
	}
	if len(found) == 0 {
		return "0s"
	}
	return sign + strings.Join(found, " ")
}
