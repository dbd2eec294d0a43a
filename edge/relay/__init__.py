"""The relay: reads the journal by cursor and publishes it over MQTT."""
