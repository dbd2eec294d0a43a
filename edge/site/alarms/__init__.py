"""What a site file says of its alarms beside the limits of its tags."""
