"""What becomes of student data after it has come in: corrected, kept only as long as needed, taken out on request."""
