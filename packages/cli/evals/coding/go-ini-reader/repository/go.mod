module example.com/ini-reader

go 1.21
