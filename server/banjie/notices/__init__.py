"""Telling people: e-mail by SMTP where it is configured."""
