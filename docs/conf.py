"""How the documentation is built: `sphinx-build -W docs docs/_build`, with the extra `docs`."""

project = "srcgrad"
extensions = ["myst_nb"]
html_theme = "furo"
myst_enable_extensions = ["colon_fence"]
nb_execution_mode = "off"
exclude_patterns = ["_build", "jupyter_execute"]
