"""Files of labelled strokes and images, ours and others', read and written."""
