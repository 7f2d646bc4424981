"""Questions put to the design: trainings that compare, held out by writer."""
