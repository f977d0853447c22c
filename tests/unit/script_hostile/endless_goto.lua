-- expect: still running
::top:: goto top
