"""Information loss: a network seen at a layer, what it merges there, what leaves it unchanged."""
