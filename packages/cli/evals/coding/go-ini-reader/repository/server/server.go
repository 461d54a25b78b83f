// Package server has the settings of our server.
package server

import (
	"strconv"

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
	section := ini.ReadFile(path)["server"]
	settings = Settings{Host: "localhost", Port: 8080}
	if host, ok := section["host"]; ok {
		settings.Host = host
	}
	if port, ok := section["port"]; ok {
		settings.Port, err = strconv.Atoi(port)
	}
	settings.Debug = section["debug"] == "true"
	return settings, err
}
