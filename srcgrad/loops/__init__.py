"""Derivatives as explicit loops over elements, for compilers of loops such as Numba."""
