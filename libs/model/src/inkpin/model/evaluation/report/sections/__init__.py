"""The page's sections: each function takes the findings and returns HTML."""
