"""The line of revisions, oldest first; each a file of plain SQL statements."""
