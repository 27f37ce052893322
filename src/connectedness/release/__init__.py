"""The folder that leaves: estimates or rows, codebook, data package, citation and manifest."""
