"""Values and pure rules of an approval office. Standard library only; no clock, no database, no texts for people."""
