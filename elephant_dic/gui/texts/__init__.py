"""What the page says: explanations, verdicts, what neurons are, tables of words and numbers."""
