"""NS93x: plans for several devices."""

from __future__ import annotations

from .code import Code

CODES: dict[str, Code] = {
    "NS930": Code(
        "an invalid plan",
        "A plan is a mapping with the network, its number of parameters, the batch, and the mesh of devices: the sizes "
        "of its axes pipeline, data, sharded and tensor. `netspec plan SPEC … -o plan.yaml` writes one.",
    ),
    "NS931": Code(
        "a plan for another network",
        "A plan holds the number of parameters of the network that it was made for. A network with another number is "
        "another network, or another variant.",
    ),
    "NS932": Code(
        "heads that the devices do not divide",
        "With `tensor`, each device has the same number of heads, and of units of the hidden layers.",
    ),
    "NS933": Code(
        "more stages than blocks",
        "A stage of a pipeline has at least one of the network's blocks, and together the stages have all of them.",
    ),
    "NS934": Code(
        "a memory that nothing fits into",
        "However the network is divided, a device needs more memory than it has. The message states the least that a "
        "division needs, and how much is missing.",
    ),
    "NS935": Code(
        "a division that the network does not allow",
        "Stages need blocks one after the other; `tensor` needs attention or pairs of dense layers, alike in all "
        "blocks; `sequence` needs nothing but norms and sums between these.",
    ),
    "NS936": Code(
        "a batch that does not divide into equal parts",
        "Every replica gets the same number of examples, and every micro-batch of it, too. A pipeline has at least as "
        "many micro-batches as stages, so that all of them work at once.",
    ),
    "NS937": Code(
        "invalid settings of a plan",
        "The number of machines divides the number of devices, and devices of one machine are connected.",
    ),
}
