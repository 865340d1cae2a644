"""Payments: batches with maker and checker, the bank's file and its answers, budgets. One subject a module."""
