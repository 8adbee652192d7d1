"""UDP echo on uvloop: each socket is drained by hand when it is readable."""
