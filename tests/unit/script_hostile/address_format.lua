-- expect: %p is not allowed
error(string.format("%20p", {}))
