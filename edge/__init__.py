"""The gateway: reads the field, judges alarms, sounds the horn, estimates the hazard, relays."""
