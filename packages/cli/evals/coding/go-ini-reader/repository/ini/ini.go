// Package ini reads settings.
package ini

import (
	"os"
	"strings"
)

// Sections are values by section and key.
type Sections map[string]map[string]string

// ReadFile reads a file. It panics when the file is wrong.
func ReadFile(path string) Sections {
	data, err := os.ReadFile(path)
	if err != nil {
		panic(err)
	}
	sections := Sections{}
	section := ""
	for _, line := range strings.Split(string(data), "\n") {
		line = strings.TrimSpace(line)
		if line == "" || strings.HasPrefix(line, ";") {
			continue
		}
		if strings.HasPrefix(line, "[") {
			section = line[1 : len(line)-1]
			sections[section] = map[string]string{}
			continue
		}
		parts := strings.Split(line, "=")
		sections[section][strings.TrimSpace(parts[0])] = strings.TrimSpace(parts[1])
	}
	return sections
}
