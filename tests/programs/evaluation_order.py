"""Names that change while the expression that reads them is evaluated."""


def product_of_before_and_after(x):
    a = x[0]
    a = a * (a := x[1])
    return a * x[2]


def augmented_by_its_next_value(x):
    a = x[0]
    a *= (a := x[1] * x[2])
    return a


def augmented_in_a_loop(x):
    a = x[0]
    for v in x:
        a *= (a := a + v) * 0.5
    return a


def changed_by_a_local_function(x):
    a, b = x[0], x[1]

    def scaled():
        nonlocal a
        a = a * x[2]
        return a

    a, b = b * a, scaled()
    return a * b**2


def read_by_a_local_function(x):
    a, b = x[0], x[1]

    def doubled():
        return a * 2

    a, b = b, doubled()
    return a * b**2


def read_by_a_function_given_to_another(x):
    a, b = x[0], x[1]

    def scaled(v):
        return v * a

    a, b = b, sum(map(scaled, x))
    a, b = b, sorted(x, key=scaled)[0]
    return a * b**2


def read_by_a_lambda(x):
    a, b = x[0], x[1]
    a, b = b * a, (lambda: a + 1)()
    return a * b**2
