"""How many of the functions of a list have a rule: `python -m tests.rulecount`.

`baseline.txt` is what another tool for NumPy covers, `beyond.txt` what users ask for besides, and
`zero_derivative.txt` what must be accepted because nothing flows through it.
"""
