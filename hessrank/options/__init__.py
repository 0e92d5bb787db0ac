"""The options of each command; the folder of the same themes as `hessrank.commands`."""
