"""What is shown to people, before it becomes a format: one list of blocks, a file a format."""
