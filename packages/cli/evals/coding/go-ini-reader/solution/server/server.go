// Package server has the settings of our server.
package server

import (
	"os"

	"example.com/ini-reader/ini"
)

// Settings are what the server needs.
type Settings struct {
	Host  string
	Port  int
	Debug bool
}

// Load reads the section "server" of a file; what is missing stays at localhost, 8080 and false.
func Load(path string) (settings Settings, err error) {
	reader, err := os.Open(path)
	if err != nil {
		return settings, err
	}
	defer reader.Close()
	file, err := ini.Parse(reader)
	if err != nil {
		return settings, err
	}
	settings.Host, _ = file.String("server", "host", "localhost")
	if settings.Port, err = file.Int("server", "port", 8080); err != nil {
		return settings, err
	}
	debug, _ := file.String("server", "debug", "")
	settings.Debug = debug == "true"
	return settings, nil
}
