"""Trainings that compare: folds of writers, framings, architectures, samples of a writer."""
