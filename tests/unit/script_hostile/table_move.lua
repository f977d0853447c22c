-- expect: move of more than 65536 items
table.move({}, 1, 1 << 40, 2)
