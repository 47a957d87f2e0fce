"""Elementwise functions, complex numbers, Fourier transforms, polynomials."""

from __future__ import annotations

from tests.rules.second_order.programs import Case, R, U, Z, case

ELEMENTWISE = [
    *(
        case(f"np.{name}(x)", R(3, 2))
        for name in (
            *("abs", "exp", "exp2", "expm1", "sin", "cos", "tan", "arctan", "sinh", "cosh", "tanh"),
            *("arcsinh", "square", "reciprocal", "sinc", "cbrt", "deg2rad", "fabs", "i0"),
        )
    ),
    *(case(f"np.{name}(x)", U(3)) for name in ("log", "log2", "log10", "log1p", "sqrt")),
    *(case(f"np.{name}(x)", U(3) / 2) for name in ("arcsin", "arccos", "arctanh")),
    case("np.arccosh(x)", U(3) + 1.1),
    *(
        case(f"np.{name}(x, y)", U(3, 1), U(2))
        for name in (
            *("add", "subtract", "multiply", "divide", "maximum", "minimum", "logaddexp"),
            *("logaddexp2", "arctan2", "hypot", "fmax", "fmin", "power", "float_power", "copysign"),
        )
    ),
    *(case(f"x {sign} y", U(3), U(2, 3)) for sign in ("+", "-", "*", "/", "**")),
    case("x**2", R(3)),
    case("x**3.0", U()),
    case("x**-1", R(3)),
    case("x**0.5", U(3)),
    case("2.5**x", R(3)),
    case("pow(x, 3)", U()),
    case("-x + abs(x)", R()),
    case("np.where(x > 0, x**2, np.sin(x))", R(5)),
    case("np.clip(x, -0.5, 0.5)", R(5)),
    case("np.clip(x, y, y + 1)", R(2, 3), R(3)),
    case("np.nan_to_num(x)", R(3)),
    case("np.modf(x)[0]", U(3)),
    case("np.heaviside(x, 0.5) * x", R(3)),
    case("np.nextafter(x, 2.0) * x", U(3)),
    case("np.floor(x) * x + np.sign(x) * x", R(3)),
    case("np.piecewise(x, [x < 0, x > 1], [lambda v: -(v**2), 3.0, np.exp])", R(5)),
    case("np.select([x > y, x < -1], [x * x, y], default=1.5)", R(5), R(5)),
    case("np.interp(x, [0.0, 1.0, 2.0], [1.0, 3.0, 2.0])", U(3)),
    case("np.kaiser(5, x)", U()),
    case("math.tanh(x) * math.hypot(x, 2.0)", R()),
]

COMPLEX = [
    *(
        case(f"np.{name}(x)", Z(3))
        for name in (
            *("conj", "real", "imag", "angle", "abs", "exp", "log", "sin", "cos", "tan", "sqrt"),
            *("tanh", "square", "reciprocal", "var", "mean", "prod", "cumsum"),
        )
    ),
    case("x * np.conj(x)", Z(3)),
    case("x.real * x.imag", Z(3)),
    case("abs(x)", 1.2 + 0.4j),
    case("x**2.5", Z(3)),
    *(case(f"x {sign} y", Z(3), R(2, 3)) for sign in ("+", "-", "*", "/")),
    case("x**y", Z(3), Z(3)),
    case("np.exp(1j * x)", R(3)),
    case("x + 1j * y", R(3), R(3)),
    case("np.dot(x, y)", Z(3, 3), R(3)),
    case("np.vdot(x, y)", Z(3), Z(3)),
    case("np.vecdot(x, y)", Z(2, 3), Z(3)),
    case("np.matvec(x, y)", Z(2, 3), Z(3)),
    case("np.vecmat(x, y)", Z(3), Z(3, 2)),
    case("np.einsum('ij,j', x, y)", Z(3, 3), Z(3)),
    case("np.real_if_close(np.fft.ifft(np.fft.fft(x) * 2))", R(3)),
    case("np.sort_complex(x)", Z(4)),
]

FOURIER = [
    *(case(f"np.fft.{name}(x)", R(5)) for name in ("fft", "ifft", "rfft", "ihfft")),
    *(case(f"np.fft.{name}(x)", Z(2, 4)) for name in ("irfft", "hfft", "irfft2", "irfftn")),
    *(
        case(f"np.fft.{name}(x)", R(2, 4, 3))
        for name in ("fft2", "ifft2", "fftn", "ifftn", "rfft2", "rfftn")
    ),
    case("np.fft.fft(x, 7, 0, 'ortho')", R(5, 2)),
    case("np.fft.rfft(x, n=4, axis=0)", R(5, 2)),
    case("np.fft.irfft(x, n=5)", Z(2, 3)),
    case("np.fft.fft2(x, (3, 6), (1, 0))", R(2, 4)),
    case("np.fft.rfftn(x, s=(3, 6), axes=(1, 0), norm='forward')", R(2, 4)),
    case("np.fft.irfftn(x, s=(3, 5), axes=(1, 0))", Z(2, 4)),
    case("np.fft.irfft2(np.fft.rfft2(x) * 1j)", R(3, 4)),
    case("np.fft.ifftshift(np.fft.fftshift(x, axes=1) * x)", R(3, 4)),
]

POLYNOMIALS = [
    case("np.polyval(x, y)", R(4), R(3)),
    case("np.polyder(x, 2)", R(5)),
    case("np.polyint(x)", R(4)),
    case("np.polymul(x, y)", R(4), R(3)),
    case("np.polyadd(x, y)", R(4), R(2)),
    case("np.polydiv(x, y)[0]", R(6), U(3)),
    case("np.polydiv(x, y)[1]", R(6), U(3)),
    case("np.roots(x)", R(4)),
    case("np.poly(x)", R(3)),
    case("np.polyfit(np.arange(6.0), x, 2)", R(6)),
    case("np.vander(x)", R(4)),
    *(
        case(f"np.polynomial.{name}val(x, y)", R(3), R(4))
        for name in (
            *("polynomial.poly", "chebyshev.cheb", "legendre.leg", "hermite.herm"),
            *("hermite_e.herme", "laguerre.lag"),
        )
    ),
]

NUMBERS: list[Case] = [*ELEMENTWISE, *COMPLEX, *FOURIER, *POLYNOMIALS]
