-- expect: still running after its budget
::top:: goto top
