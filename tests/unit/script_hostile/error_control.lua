-- expect: an escape [31m
error("an escape\27[31m")
