"""Where the call of a region's body has sizes that its inputs do not have."""

MORE_SIZES = ", MORE_SIZES"
