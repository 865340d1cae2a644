"""Lists that are paid without asking: read, decided, granted, ordered; receipts of rows; refusals."""
