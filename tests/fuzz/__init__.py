"""Random programs against central differences: right, refused, or a fault that is shrunk and kept.

`python -m tests.fuzz run FIRST COUNT` judges the programs of that many seeds; see docs/fuzzing.md.
"""
