"""What converted networks cost beside a plain loop nest."""
