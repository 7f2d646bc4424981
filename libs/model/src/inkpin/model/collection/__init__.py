"""What a person collects: samples that are added one by one, changed, and never lost."""
