"""The placeholder in the call of a region's body for sizes that are not inputs."""

MORE_SIZES = ", MORE_SIZES"
