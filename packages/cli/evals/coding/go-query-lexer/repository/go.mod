module example.com/query-lexer

go 1.21
