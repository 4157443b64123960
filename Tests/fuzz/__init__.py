"""Made-up requests for a server."""
