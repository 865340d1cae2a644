"""What every page shares: language, frame, words and marks."""
