"""save.py FILE EXPRESSION: saves a NumPy expression as .npy."""

import sys

import numpy

numpy.save(sys.argv[1], eval(sys.argv[2], {"np": numpy}))
