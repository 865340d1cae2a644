"""The third way in: what time and the queue set off."""
