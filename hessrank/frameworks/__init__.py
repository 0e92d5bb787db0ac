"""Trained models from other programs, as exact problems at exact points."""
