"""Nothing leaves the building except through `protect`."""
