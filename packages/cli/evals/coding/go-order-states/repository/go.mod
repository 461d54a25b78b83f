module example.com/order-states

go 1.21
