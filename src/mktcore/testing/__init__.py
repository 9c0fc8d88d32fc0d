"""What a host needs to prove its own code: strategies, conformance checks, fakes."""
