"""A network learns the hand of its user: its last layers anew, in numpy."""
