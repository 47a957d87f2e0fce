"""Shapes, joins, picks, reductions, sorting, statistics."""

from __future__ import annotations

from tests.rules.second_order.programs import Case, R, U, case

SHAPES = [
    case("x * y", R(3), R(2, 3)),
    *(
        case(f"np.{call}", R(4, 3, 2))
        for call in (
            *("squeeze(x[:, :1], 1)", "reshape(x, (12, 2))", "ravel(x, order='F')", "transpose(x)"),
            *("transpose(x, (2, 0, 1))", "transpose(x, axes=[0, 2, 1])", "moveaxis(x, 0, -1)"),
            *("moveaxis(x, (0, 1), (-1, -2))", "rollaxis(x, 2, 0)", "swapaxes(x, 0, 2)"),
            *("expand_dims(x, (0, 2))", "flip(x, (0, 1))", "rot90(x, k=3, axes=(0, 2))"),
            *("roll(x, 2)", "roll(x, (1, -2), (1, 1))", "roll(x, (1, 2), axis=(0, 1))"),
            *("triu(x[:, :, 0], 1)", "tril(x)", "permute_dims(x, (-1, 0, 1))", "fliplr(x)"),
            *("trace(x, offset=1, axis1=2, axis2=0)", "diagonal(x, 1, 0, 2)", "diag(x[0], -1)"),
            *("diag(x[:, 0, 0], 1)", "tile(x, (2, 1, 3))", "repeat(x, 2, axis=1)", "repeat(x, 2)"),
            *("repeat(x, [1, 2, 3], axis=1)", "broadcast_to(x, (2, 4, 3, 2))", "resize(x, (5, 7))"),
            *("ascontiguousarray(x.T)", "asfortranarray(x)", "unstack(x)[1]", "atleast_3d(x)"),
        )
    ),
    *(
        case(f"np.pad(x, {more})", R(3, 4))
        for more in (
            *("1", "((1, 2), (0, 1))", "((2, 2), (2, 2)), 'constant', constant_values=3.0"),
            *("(1, 2), mode='edge'", "2, mode='reflect'", "2, mode='symmetric'"),
            "((1, 2), (5, 6)), mode='wrap'",
        )
    ),
    *(
        case(text, R(5, 4))
        for text in (
            *("x[3]", "x[1:3]", "x[[1, 2, 1]]", "x[[1, 2], [0, 1]]", "x[:, [1, 1]]", "x[..., -1]"),
            *("x[::-2, 1]", "x[x > 0]", "x[None, :, 0]", "x[PLACES]", "x[0][1]", "x.T", "x.copy()"),
            *(
                "x.reshape(-1, order='F')",
                "x.flatten('F')",
                "x.transpose(1, 0)",
                "x.swapaxes(0, 1)",
            ),
            *("x.take([0, 1])", "x.diagonal()", "x.trace()", "x.mean(0)", "x.std(axis=0, ddof=1)"),
            *("x.astype(complex) * 1j", "x.max(axis=0, keepdims=True)", "x.prod(axis=1)"),
        )
    ),
]

JOINS = [
    case("np.array([x, x * 1.0, x + 2.5])", R()),
    case("np.array([[x[0] * x[1], x[1]], [3.0, x[2]]])", R(3)),
    case("np.array([x, x[::-1], np.zeros(3)])", R(3)),
    case("np.array([[x] * 2] * 3)", R()),
    case("np.concatenate((x, y))", R(3), R(4)),
    case("np.concatenate((x, y, x), axis=0)", R(3, 2), R(4, 2)),
    case("np.concatenate([x, y], axis=None)", R(3, 2), R(3)),
    case("np.concat((x, y), axis=-1)", R(3, 2), R(3, 2)),
    case("np.concatenate(x)", R(4, 2)),
    case("np.append(x, y)", R(3, 2), R(4)),
    case("np.append(x, y, axis=0)", R(3, 2), R(4, 2)),
    *(
        case(f"np.{name}((x, y))", R(5), R(5))
        for name in ("vstack", "hstack", "dstack", "column_stack", "stack")
    ),
    case("np.column_stack((x, y))", R(5), R(5, 2)),
    case("np.stack([x, y], axis=1)", R(5, 2), R(5, 2)),
    case("np.hstack([x, y])", R(), R()),
    case("np.block([[x, y], [y, x]])", R(2, 2), R(2, 2)),
    case("np.split(x, 2)[1]", R(4, 3)),
    case("sum(np.split(x, 2))", R(4, 3)),
    case("np.insert(x, 1, 2.0)", R(4)),
    case("np.delete(x, 1, 0)", R(4, 3)),
    case("np.meshgrid(x, y)[0]", R(3), R(2)),
    case("np.full((3, 2), x)", R()),
    case("np.full_like(HALF, x)", R()),
    case("np.linspace(x, y, 5)", R(), R()),
    case("np.geomspace(x, y, 4)", U(), U()),
    case("sum([x, y])", R(3), R(3)),
]

REDUCTIONS = [
    *(
        case(f"np.{name}(x{more})", R(4, 3))
        for name in ("sum", "mean", "var", "std", "prod", "max", "min", "ptp", "median")
        for more in ("", ", axis=0", ", axis=(0, 1), keepdims=True", ", axis=-1")
        if (name, more) != ("median", ", axis=(0, 1), keepdims=True")
    ),
    *(
        case(f"np.{call}", R(3, 4))
        for call in (
            *("sum(x, where=MASK)", "mean(x, axis=1, where=MASK)", "var(x, axis=1, where=MASK)"),
            *("sum(x, initial=3.0)", "max(x, initial=0.0)", "max(x, where=MASK, initial=-9.0)"),
            *("cumsum(x)", "cumsum(x, axis=1)", "cumprod(x)", "cumprod(x, axis=1)"),
            *("cumulative_sum(x, axis=1)", "cumulative_prod(x, axis=0)", "nancumsum(x)"),
            *("nansum(x, axis=0)", "nanmean(x, axis=0)", "nanvar(x, axis=0)", "nanstd(x)"),
            *("nanmax(x, axis=0)", "nanmedian(x)", "average(x, axis=0, weights=np.arange(1.0, 4))"),
            *("percentile(x, 30, axis=0)", "quantile(x, [0.3, 0.6])", "cov(x)", "corrcoef(x)"),
            *("diff(x)", "diff(x, n=2, axis=0)", "diff(x, n=0)", "gradient(x, axis=0)"),
            *("gradient(x)[0]", "gradient(x, 2.0, axis=1, edge_order=2)", "trapezoid(x)"),
            *("sort(x)", "sort(x, axis=0)", "sort(x, axis=None)", "partition(x, 2)"),
            *("add.reduce(x)", "add.reduce(x, axis=None)", "multiply.reduce(x, axis=1)"),
            *("maximum.reduce(x, axis=(0, 1))", "add.reduce(x, where=MASK)", "hypot.reduce(x)"),
            *("add.accumulate(x, axis=1)", "multiply.accumulate(x)", "maximum.accumulate(x)"),
            *("logaddexp.reduce(x)", "add.reduceat(x, [0, 2])", "add.reduceat(x, [0, 3, 1], 1)"),
            *("multiply.reduceat(x, [0, 2, 1], 1)", "minimum.reduceat(x, [0, 2], axis=1)"),
            *("take(x, [0, 1, 0], axis=1)", "take_along_axis(x, np.argsort(x, 1), 1)"),
            *("compress([True, False, True], x, axis=0)", "extract(MASK, x)"),
            *("apply_along_axis(np.sum, 0, x)", "apply_over_axes(np.sum, x, [0, 1])"),
            "vectorize(lambda v: v**2)(x)",
        )
    ),
    case("np.convolve(x, y, 'same')", R(4), R(3)),
    case("np.correlate(x, y, 'full')", R(4), R(3)),
    case("np.add.outer(x, y)", R(4), R(3)),
    case("np.multiply.outer(x, y)", R(4), R(3, 2)),
    case("np.bincount([0, 1, 1, 2, 0], weights=x)", R(5)),
]

ARRAYS: list[Case] = [*SHAPES, *JOINS, *REDUCTIONS]
