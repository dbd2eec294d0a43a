"""OPC UA: nodes read in batches, each value with its own status and source time."""
