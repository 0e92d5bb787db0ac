"""symbolic: models, losses and problems; deriving and deciding, exactly."""
