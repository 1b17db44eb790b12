"""The volume style: feature maps as boxes, strips and bars whose sides follow their shapes."""
