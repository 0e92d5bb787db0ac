"""Germs of L at θ: series, the reduction to ker H, leading forms, Newton's polygon."""
