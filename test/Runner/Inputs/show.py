"""show.py FILE [EXPRESSION]: prints dtype, shape and values of x, or more of it."""

import sys

import numpy

x = numpy.load(sys.argv[1])
text = sys.argv[2] if len(sys.argv) > 2 else "x.tolist()"
print(x.dtype.str, x.shape, eval(text, {"np": numpy, "x": x}))
