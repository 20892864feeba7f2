"""Running it: how the server is started, whether all it needs is there, what it tells those who watch it."""
