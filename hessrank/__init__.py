"""hessrank: verify claims about the loss landscape of small networks, exactly."""
