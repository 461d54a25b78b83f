module example.com/human-duration

go 1.21
