"""S12: the training loop of one weight, epoch by epoch (the table comes from a float32 run)."""

from __future__ import annotations

import numpy as np
import one_weight
import pytest
import train_one_weight
from numpy.testing import assert_allclose

from srcgrad import grad

TABLE = [
    (-2.0, -7.840000152587891, -16.228801727294922, 7.315943717956543),
    (-1.478623867034912, -5.796205520629883, -11.998146057128906, 3.9987640380859375),
    (-1.0931644439697266, -4.285204887390137, -8.870372772216797, 2.1856532096862793),
    (-0.8081896305084229, -3.1681032180786133, -6.557973861694336, 1.1946394443511963),
    (-0.5975041389465332, -2.3422164916992188, -4.848389625549316, 0.6529689431190491),
    (-0.4417421817779541, -1.7316293716430664, -3.58447265625, 0.35690122842788696),
    (-0.3265852928161621, -1.2802143096923828, -2.650045394897461, 0.195076122879982),
    (-0.24144840240478516, -0.9464778900146484, -1.9592113494873047, 0.10662525147199631),
    (-0.17850565910339355, -0.699742317199707, -1.4484672546386719, 0.0582793727517128),
    (-0.1319713592529297, -0.5173273086547852, -1.070866584777832, 0.03185431286692319),
]


@pytest.mark.parametrize("source", ["generated file", "live"])
def test_every_epoch(source: str, monkeypatch: pytest.MonkeyPatch) -> None:
    if source == "live":
        monkeypatch.setattr(train_one_weight, "loss_grad", grad(one_weight.loss))
    w, history = train_one_weight.train()
    rows = [(*gradients, last_loss) for gradients, last_loss in history]
    assert_allclose(rows, TABLE, rtol=1e-5)
    assert one_weight.predict(4.0, w) == pytest.approx(7.804864, abs=5e-6)


def test_float32_stays_float32_and_gives_the_table() -> None:
    gradient = grad(one_weight.loss)
    w = np.float32(1.0)
    for row in TABLE:
        for x, expected in zip((1.0, 2.0, 3.0), row, strict=False):
            step = gradient(w, np.float32(x), np.float32(2 * x))
            assert step.dtype == np.float32
            assert step == pytest.approx(expected, rel=1e-5)
            w = w - np.float32(0.01) * step
    assert w * np.float32(4) == pytest.approx(7.804864, abs=5e-6)


def test_script_prints_the_prediction(capsys: pytest.CaptureFixture[str]) -> None:
    train_one_weight.main()
    assert "after training: 7.8048" in capsys.readouterr().out
