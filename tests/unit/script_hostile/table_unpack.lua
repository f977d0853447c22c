-- expect: unpack of more than 256 items
table.unpack({}, 1, 100000000)
