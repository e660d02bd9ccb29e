"""Legacy systems, one folder each: the mapping is pure, the client does the I/O."""
