"""The generated functions of a module, and its text."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import field, replace
from typing import Any

from srcgrad.ad.derive import Reversed
from srcgrad.ad.refusals import missing_problems, repeated_problem
from srcgrad.emit.module import Copied, Piece, file_tree
from srcgrad.emit.printer import print_module
from srcgrad.emit.pullback import Pullback
from srcgrad.emit.surroundings import File
from srcgrad.errors import Problem, UnsupportedError
from srcgrad.frontend.requests import AGAIN
from srcgrad.ir.classes import dataclass
from srcgrad.ir.core import Block, Function, Param, UserFunction
from srcgrad.optimize.dead_code import drop_unread
from srcgrad.optimize.passes import improved
from srcgrad.worklist import Worklist
from srcgrad.writing import file_header


@dataclass(slots=True)
class Pieces(Worklist):
    """What has been written of a module."""

    pieces: list[Piece] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    asked: dict[str, None] = field(default_factory=dict)
    primal_keys: dict[str, str] = field(default_factory=dict)
    pullbacks: list[Pullback] = field(default_factory=list)
    undoes: bool = False  # some backward half undoes stores, and can run only once
    itself: bool = False  # the functions themselves, not their derivatives

    def emit(
        self,
        fn: Function,
        name: str,
        params: tuple[Param, ...],
        body: Block,
        done: Reversed | None,
        doc: str,
        half: bool = False,
    ) -> None:
        new = replace(fn, name=name, params=params, body=body, doc=doc)
        kinds = done.kinds if done is not None else {}
        notes = done.notes if done is not None else {}
        self.pieces.append(Piece(new, kinds, half=half, notes=notes))

    def text(self, command: str) -> tuple[str, dict[str, Any]]:
        """The module's text, and the values it reads that no text expresses. Raises all
        problems."""
        if self.problems:
            raise UnsupportedError(self.problems)
        made = [p for p in self.pieces if not p.written]
        live = iter(improved([(piece.fn, piece.kinds) for piece in made], self.passes))
        folds, releases = (n in self.passes for n in ("fold_temporaries", "release_arrays"))
        self.pieces = [
            p if p.written else replace(p, fn=next(live), folds=folds, releases=releases)
            for p in self.pieces
        ]
        self.refuse_repeated_effects()
        pullbacks = [replace(p, again=self.undoes) for p in self.pullbacks]
        asked = [self.program.lower(key) for key in self.asked]
        header = file_header(asked, command, self.itself)
        primals: dict[str, Copied] = {}
        while True:
            tree, file = file_tree(header, pullbacks, self.pieces, primals)
            self.refuse_missing(file.missing)
            for name in primals.keys() & file.meanings.reserved:
                del primals[name], self.primal_keys[name]
            there = primals.keys() | {piece.fn.name for piece in self.pieces}
            missing = {name: key for name, key in file.functions.items() if name not in there}
            if not missing:
                ruled = {n: self.program.ruled.get(key) for n, key in self.primal_keys.items()}
                return print_module(tree), file.namespace | {
                    n: obj for n, obj in ruled.items() if obj
                }
            for name, key in missing.items():
                self.add_primal(name, key, file, primals)

    def add_primal(self, name: str, key: str, file: File, primals: dict[str, Copied]) -> None:
        """A function of the user's that is called by a name, to be in the file."""
        plain = key.removesuffix(AGAIN)
        keys = self.primal_keys.items()
        there = next((n for n, k in keys if k.removesuffix(AGAIN) == plain), None)
        taking = None if there else self.written_out(key)
        source = None if there or taking else self.program.source(key)
        taken = file.meanings.known.keys() | primals.keys() | set(file.meanings.reserved)
        if source is not None and source.name not in taken and source.name.isidentifier():
            there = source.name  # it is called by another name, which becomes a second one
        self.primal_keys[name] = key
        if taking is not None:
            self.pieces.append(Piece(replace(drop_unread(taking), name=name), {}, written=True))
        if source is not None:
            own = there or name
            self.primal_keys[own] = key
            globals_ = self.program.lower(key).globals
            primals[own] = Copied(UserFunction(own, key), str(source.text), globals_)
        if there is not None and there != name:
            primals[name] = Copied(UserFunction(name, key), of=there)

    def written_out(self, key: str) -> Function | None:
        """A function whose text cannot stand in the file as it is, to be written; or None."""
        own = self.own_part(key)
        return self.program.taking_derivatives(self.told(key), key) if own is None else own

    def refuse_missing(self, names: Iterable[str]) -> None:
        """A name whose value is not known from the text cannot be carried into another file."""
        problems = missing_problems(self.program.lower(next(iter(self.asked))), names)
        if problems:
            raise UnsupportedError(problems)

    def refuse_repeated_effects(self) -> None:
        """A pullback that runs the forward sweep again must not repeat what is seen from
        outside."""
        if not (self.undoes and self.pullbacks):
            return
        problem = repeated_problem(map(self.program.lower, self.reached))
        if problem is not None:
            raise UnsupportedError(problem)
