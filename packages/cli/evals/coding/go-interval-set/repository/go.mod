module example.com/interval-set

go 1.21
