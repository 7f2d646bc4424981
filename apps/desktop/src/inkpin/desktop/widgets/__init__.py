"""Parts of the window that show one thing each."""
