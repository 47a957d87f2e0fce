"""Containers, arrays and defaults that outlive a call."""

import logging

import numpy as np

_kept = []
_table = np.zeros(5)
_log = logging.getLogger(__name__)


class _History:
    values = []


def _gathered(a):
    _kept.append(a)


def _latest():
    return _kept[-1]


def _remembered(a, seen=[]):
    seen.append(a)
    return a * len(seen)


def _added_to_table(v):
    t = _table
    t += v
    return np.sum(t)


def _note_written_out(y, a):
    y[0] = a * a
    if a > 0.0:
        _log.debug("a is %s", a)


def global_list_filled(x):
    """a global list that is only filled, a history"""
    y = x * x
    _kept.append(float(np.sum(y)))
    return np.sum(y * y)


def global_list_filled_and_read(x):
    """a global list that is filled and read"""
    y = x * x
    _kept.append(y)
    return np.sum(y * _kept[-1])


def global_list_filled_and_read_by_callees(x):
    """the same by functions that are called"""
    y = x * x
    _gathered(y)
    return np.sum(y * _latest())


def default_kept_for_later_calls(s):
    """a mutable default of a function of the module, changed"""
    return _remembered(s) + _remembered(s * s)


def table_augmented_by_another_name(x):
    """`t = table; t += v` of an array of the module"""
    return _added_to_table(x) + _added_to_table(2.0 * x)


def logged_in_a_callee_that_writes(x):
    """`log.debug` in a function that writes into its argument"""
    y = x * 2.0
    _note_written_out(y, x[1])
    return np.sum(y * y)


def list_of_a_class_filled(x):
    """`History.values.append(v)`, of a class that is not made an object"""
    y = x * x
    _History.values.append(np.sum(y))
    return np.sum(y * y)
