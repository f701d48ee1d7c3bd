"""One file a revision; append-only."""
