"""The volume style: feature maps as solids, strips and bars whose sides depend on their shapes."""
