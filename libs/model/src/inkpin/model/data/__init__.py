"""What there is to learn from and to count on: data sets, stroke files, drawings made here."""
