"""Scores of respondents from their answers, and how each score is made."""
