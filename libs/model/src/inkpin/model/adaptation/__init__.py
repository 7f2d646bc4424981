"""A network learns its user's handwriting: its last layers anew, in numpy."""
