module example.com/parallel-map

go 1.21
