"""Imports inside a function: of libraries, as if they stood at the top of the module."""

from __future__ import annotations

from dataclasses import replace

import gast

from srcgrad.frontend.context import Context, Node, stored_names, walk_scope
from srcgrad.frontend.environment import LIBRARIES, Binding, Import, imports_of


def take_imports(ctx: Context, statements: list[Node]) -> None:
    """Names that nothing but one import binds become those of the library, not locals."""
    found = [n for n in walk_scope(*statements) if isinstance(n, gast.Import | gast.ImportFrom)]
    if not found:
        return
    others = _bound_otherwise(statements)
    for node in found:
        for item in imports_of(node):
            if item.name not in others | (ctx.locals & ctx.known):
                binding = _binding(ctx, node, item)
                if binding is not None:
                    ctx.imports[item.name] = binding
                ctx.locals.discard(item.name)


def _binding(ctx: Context, node: Node, item: Import) -> Binding | None:
    known = ctx.imports.get(item.name)
    if item.level or item.module.split(".")[0] not in LIBRARIES or item.attr == "*":
        ctx.problem(
            node,
            "an import inside a function is supported for libraries only",
            "move it to the top of the module",
        )
        return None
    try:
        binding = ctx.env.imported(item)
    except ImportError:
        ctx.problem(node, f"`{item.text}` fails", "check the name of the module")
        return None
    other = known or ctx.env.lookup(item.name)
    if known is not None and known.glob.text != binding.glob.text:  # `import a.b` beside `import a`
        text = "\n".join(dict.fromkeys((known.glob.text, binding.glob.text)))
        binding = replace(binding, glob=replace(binding.glob, text=text))
    if other is not None and not other.builtin and other.obj != binding.obj:
        ctx.problem(
            node,
            f"`{item.name}` has another meaning in this module",
            "import it under a name of its own",
        )
    return binding


def _bound_otherwise(statements: list[Node]) -> set[str]:
    plain = [n for n in walk_scope(*statements) if isinstance(n, gast.Name | gast.FunctionDef)]
    return stored_names(*plain)
