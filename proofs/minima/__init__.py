"""What kind of point θ is: decision, global and degenerate certificates, the verdict, designs."""
