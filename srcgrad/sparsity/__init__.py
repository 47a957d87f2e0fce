"""Sparse derivatives: patterns, colours, and matrices found by few products."""

from __future__ import annotations

from srcgrad.sparsity.matrices import SparseHessian, SparseJacobian, sparse_hessian, sparse_jacobian
from srcgrad.sparsity.pattern import Pattern

__all__ = ["Pattern", "SparseHessian", "SparseJacobian", "sparse_hessian", "sparse_jacobian"]
