"""What the nodes of both flows share; `additional_includes` copies this folder beside them."""
