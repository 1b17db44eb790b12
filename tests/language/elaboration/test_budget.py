"""The budget: what is charged, and where it ends."""

from __future__ import annotations

import pytest

from netspec import limits
from netspec.language.elaboration.budget import Budget, LimitError


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
    budget.enter_scope(limits.BLOCKS, 7)
    assert budget.steps == limits.SCOPE_STEPS
    with pytest.raises(LimitError) as caught:
        budget.enter_scope(limits.BLOCKS + 1, 7)
    assert caught.value.error.code == "NS908"


def test_a_spent_budget_ends_a_scope_too() -> None:
    budget = Budget()
    budget.spend(limits.STEPS, 7)
    with pytest.raises(LimitError) as caught:
        budget.enter_scope(1, 7)
    assert caught.value.error.code == "NS909"
