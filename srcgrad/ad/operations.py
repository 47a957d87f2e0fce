"""The adjoint of one operation: by what it is made of, where that gives a better one than its own.

Sequences of others, new axes, joined arrays, the logistic function; anything else by its own rule.
"""

from __future__ import annotations

from srcgrad.ad.adjoints import Adjoints
from srcgrad.ad.builder import Builder
from srcgrad.ad.context import Context
from srcgrad.ad.joins import JoinAdjoints
from srcgrad.ad.leaves import Tree
from srcgrad.ad.logistic import LogisticAdjoint
from srcgrad.ad.newaxes import NewAxesAdjoint
from srcgrad.ad.operands import Operands
from srcgrad.ad.primitives import PrimitiveAdjoints
from srcgrad.ad.sequences import SequenceAdjoints
from srcgrad.ad.steps import Step
from srcgrad.ir.core import Assign


class OperationAdjoints:
    """Adds the contributions of a statement with one target to the adjoints of its operands."""

    def __init__(
        self,
        context: Context,
        build: Builder,
        adjoints: Adjoints,
        operands: Operands,
        primitives: PrimitiveAdjoints,
    ) -> None:
        shared = context, build, adjoints, operands
        self.primitives = primitives
        self.sequences = SequenceAdjoints(*shared)
        self.joins = JoinAdjoints(*shared)
        self.newaxes = NewAxesAdjoint(*shared)
        self.logistic = LogisticAdjoint(*shared, primitives.masks)

    def adjoint(self, stmt: Assign, tree: Tree, varied: frozenset[str], step: Step) -> None:
        if self.sequences.adjoint(stmt, tree, varied) or self.newaxes.adjoint(stmt, tree, varied):
            return
        if self.joins.adjoint(stmt, tree, varied) or self.logistic.adjoint(stmt, tree, step):
            return
        self.primitives.adjoint(stmt, tree, varied, step)
