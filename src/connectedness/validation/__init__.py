"""Tables against their contracts: compile, run, set bad rows aside, close the account."""
