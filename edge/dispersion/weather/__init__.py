"""Weather: what carries and mixes the gas, from what a site has."""
