"""What is printed, by what it prints."""
