-- expect: a value that is not text
error({})
