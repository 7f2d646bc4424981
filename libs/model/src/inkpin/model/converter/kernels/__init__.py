"""The C kernels as the converter knows them: one file for each family.

A file holds all that is known of its kernels: a class of calls (KernelCall of integer_program.py)
with their exact integers in numpy, their constants and invocations as C text, the C files that they
need, their memory and work; and the rule by which an op of ir/ becomes such calls.

To add a kernel:

1. Write `c/ink_NAME.c`, and declare function and descriptor in `c/ink_kernels.h`.
2. Write a module here with a subclass of KernelCall: `c_files`, `run` and `invocations`, and
   `constants`, `in_place`, `aligned`, `scratch`, `flash`, `macs` and `remark` where the defaults do
   not hold. pooling.py is a short one to start from.
3. Register the rule for its op there, with `@lower_op.register`. What the rules share is in
   lowering.py.

4. Add a maker to `RandomNetwork` in test_kernels.py, which draws only what stands there and
   compares it with the C. Then make your C wrong by one, and see the test fail.

Nothing else lists the kernels: importing this package imports every module of it. An op that ir/
does not have yet goes to ir/ops.py and to the names of ir/__init__.py, with its `compute` in floats
and, if calibration data should be dispensable, its `bounds`; onnx/operators/ says which nodes
become it.
"""

from importlib import import_module
from pkgutil import iter_modules

for _module in iter_modules(__path__):
    import_module(f"{__name__}.{_module.name}")
