-- expect: coroutine.yield outside
coroutine.yield(1)
