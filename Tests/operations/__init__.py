"""Commands of an operator: backup, check, gc, upgrade, export and import."""
