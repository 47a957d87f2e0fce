"""Trains the model of one weight and prints the gradients of every epoch.

Run: python examples/train_one_weight.py
"""

from __future__ import annotations

from one_weight import loss, predict
from one_weight_grad import loss_grad

SAMPLES = [(1.0, 2.0), (2.0, 4.0), (3.0, 6.0)]


def train(
    w: float = 1.0, rate: float = 0.01, epochs: int = 10
) -> tuple[float, list[tuple[list[float], float]]]:
    """Trained weight, and for each epoch the gradient at each sample and the last sample's loss."""
    history = []
    for _ in range(epochs):
        gradients = []
        for x, y in SAMPLES:
            last_loss = loss(w, x, y)
            gradients.append(loss_grad(w, x, y))
            w -= rate * gradients[-1]
        history.append((gradients, last_loss))
    return w, history


def main() -> None:
    w, history = train()
    print(f"prediction for 4 before training: {predict(4.0, 1.0):.6f}")
    print(f"{'epoch':>5} {'x=1':>10} {'x=2':>10} {'x=3':>10} {'loss':>10}")
    for epoch, (gradients, last_loss) in enumerate(history):
        print(f"{epoch:5d}", *(f"{value:10.6f}" for value in (*gradients, last_loss)))
    print(f"prediction for 4 after training: {predict(4.0, w):.6f}")


if __name__ == "__main__":
    main()
