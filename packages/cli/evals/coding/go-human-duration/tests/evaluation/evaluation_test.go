package evaluation

import (
	"errors"
	"math"
	"strings"
	"testing"
	"time"

	"example.com/human-duration/human"
	"example.com/human-duration/timer"
)

const day = 24 * time.Hour

func TestParse(t *testing.T) {
	cases := map[string]time.Duration{
		"2h30m": 150 * time.Minute, "45s": 45 * time.Second, "1w": 7 * day, "1d12h": 36 * time.Hour,
		"1.5h": 90 * time.Minute, "0.5d": 12 * time.Hour, "-1w 2d 3h": -(9*day + 3*time.Hour), "1h  5s": time.Hour + 5*time.Second,
		"0s": 0, "-0s": 0, " 3m ": 3 * time.Minute, "90m": 90 * time.Minute, "1.25s": 1250 * time.Millisecond,
		"9223372036s": 9223372036 * time.Second, "-9223372036s": -9223372036 * time.Second,
	}
	for text, want := range cases {
		if got, err := human.Parse(text); err != nil || got != want {
			t.Errorf("%q: %v %v, want %v", text, got, err, want)
		}
	}
}

func TestParseRefuses(t *testing.T) {
	texts := []string{"", " ", "5", "h", "-", "1x", "1h1h", "1m1h", "5s 2d", "1..5h", ".h", "1h-5m", "--1h", "+1h", "1 h", "9223372037s", "-9223372037s",
		"99999999999999999999w", "16000w", "15000w 2000d", "1h 5", "1e3s", "1,5h", "Infs", "NaNs", "0x10s"}
	for _, text := range texts {
		_, err := human.Parse(text)
		if !errors.Is(err, human.ErrInvalid) || !strings.Contains(err.Error(), `"`+text+`"`) {
			t.Errorf("%q: %v", text, err)
		}
	}
}

func TestFormat(t *testing.T) {
	cases := map[time.Duration]string{
		0: "0s", 59 * time.Second: "59s", time.Minute: "1m", 61 * time.Second: "1m 1s", 3 * time.Hour: "3h",
		9*day + 23*time.Hour: "1w 2d", 7*day + time.Second: "1w 1s", time.Hour + 59*time.Minute + 59*time.Second: "1h 59m",
		1999 * time.Millisecond: "1s", 999 * time.Millisecond: "0s", -999 * time.Millisecond: "0s", -90 * time.Second: "-1m 30s",
		math.MaxInt64: "15250w 1d", math.MinInt64: "-15250w 1d",
	}
	for length, want := range cases {
		if got := human.Format(length); got != want {
			t.Errorf("%d: %q, want %q", length, got, want)
		}
	}
}

func TestInverse(t *testing.T) {
	for _, text := range []string{"1w 2d", "-3h 5s", "59s", "0s", "1d", "6d 23h"} {
		length, err := human.Parse(text)
		if err != nil || human.Format(length) != text {
			t.Errorf("%q: %q %v", text, human.Format(length), err)
		}
	}
}

func TestTimer(t *testing.T) {
	now := time.Date(2024, 1, 1, 0, 0, 0, 0, time.UTC)
	one, err := timer.Start("1d 1s", now)
	if err != nil || one.Left(now.Add(day)) != time.Second || one.Left(now.Add(2*day)) != 0 {
		t.Fatal(err)
	}
	for _, text := range []string{"0s", "-5m", "soon"} {
		if _, err := timer.Start(text, now); err == nil {
			t.Errorf("%q", text)
		}
	}
}
