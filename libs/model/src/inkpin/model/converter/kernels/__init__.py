"""The C kernels as the converter knows them, each with its exact integers in numpy."""
