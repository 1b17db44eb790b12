"""NS6xx: what a spec states about itself."""

from __future__ import annotations

from .code import Code

CODES: dict[str, Code] = {
    "NS601": Code(
        "an expectation that is missed",
        "What 'expect' states is not what was worked out. Either the network or the statement is wrong: figures are "
        "best taken from the paper, not from the report.",
        "  - {conv2d: 8, kernel: 3}\nexpect: {params: 225}\n",
        "  - {conv2d: 8, kernel: 3}\nexpect: {params: 224}\n",
    ),
    "NS602": Code(
        "an expectation that cannot be read",
        "The keys are params, trainable_params, macs, activations, connections, receptive_field, output and shapes. "
        "A number is exact; '<= 5M', '>= 200' and '4.09G +- 1%' are bounds.",
        "  - {conv2d: 8, kernel: 3}\nexpect: {params: few}\n",
        "  - {conv2d: 8, kernel: 3}\nexpect: {params: <= 1k}\n",
    ),
    "NS603": Code(
        "expectations that are not checked",
        "Expectations hold for the parameters as the spec or the variant gives them. With --set they speak of "
        "another network, and are skipped.",
    ),
    "NS604": Code(
        "an expectation about nothing",
        "A shape is stated of a layer or output that there is not.",
        "  conv: {conv2d: 8, kernel: 3}\nexpect: {shapes: {cnov: [8, 30, 30]}}\n",
        "  conv: {conv2d: 8, kernel: 3}\nexpect: {shapes: {conv: [8, 30, 30]}}\n",
    ),
}
