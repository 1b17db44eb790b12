"""The budget: what is charged, and where it ends."""

from __future__ import annotations

import pytest

from netspec import limits
from netspec.language.elaboration.budget import Budget, LimitError
from netspec.shapes.types import TensorType


def test_steps_up_to_the_limit() -> None:
    budget = Budget()
    budget.spend(limits.STEPS, 7)
    assert budget.steps == limits.STEPS
    with pytest.raises(LimitError) as caught:
        budget.spend(1, 7)
    assert caught.value.error.code == "NS909"
    assert caught.value.error.message == "elaborating the network takes more than 1,000,000 steps"


def test_a_scope_costs_steps_and_has_a_depth() -> None:
    budget = Budget()
    budget.enter_scope(limits.BLOCKS, 3, 7)
    assert budget.steps == limits.SCOPE_STEPS + 3
    with pytest.raises(LimitError) as caught:
        budget.enter_scope(limits.BLOCKS + 1, 3, 7)
    assert caught.value.error.code == "NS908"


def test_a_spent_budget_ends_a_scope_too() -> None:
    budget = Budget()
    budget.spend(limits.STEPS, 7)
    with pytest.raises(LimitError) as caught:
        budget.enter_scope(1, 0, 7)
    assert caught.value.error.code == "NS909"


IMAGE = TensorType((3, 8, 8), "float32", ("channels", "height", "width"))
CELL = TensorType((1,) * 20, "float32", ("",) * 20)


@pytest.mark.parametrize(
    ("name", "inputs", "outputs", "weights", "doc", "steps"),
    [
        ("relu", 1, (IMAGE,), 0, None, 4),
        ("conv2d", 1, (IMAGE,), 2, "A short text.", 6),
        ("add", 7, (IMAGE,), 0, None, 10),
        ("split", 1, (IMAGE,) * 5, 0, None, 8),
        ("axes", 1, (CELL,) * 2, 0, None, 2 + 1 + 2 + 2 * 5),
        ("n" * 250, 1, (IMAGE,), 2, None, 6 + (1 + 1 + 2) * 2),
        ("doc", 1, (IMAGE,), 0, "x" * 999, 4 + 9),
    ],
)
def test_a_node_costs_what_it_has(
    name: str, inputs: int, outputs: tuple[TensorType, ...], weights: int, doc: str | None, steps: int
) -> None:
    budget = Budget()
    budget.add_node(name, inputs, outputs, weights, doc, 7)
    assert budget.steps == steps


def test_a_spent_budget_stays_spent() -> None:
    budget = Budget()
    budget.begin_network(5, 7)
    assert (budget.steps, budget.is_spent) == (limits.NETWORK_STEPS + 5, False)
    budget.end_soon()
    budget.begin_network(0, 7)
    budget.spend(limits.STEPS_AFTER_PROBLEM + 1, 7)  # the problem was in another network
    with pytest.raises(LimitError):
        budget.spend(limits.STEPS, 7)
    assert budget.is_spent
    with pytest.raises(LimitError):
        budget.begin_network(0, 7)
