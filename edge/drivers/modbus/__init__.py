"""Modbus: one connection per link, few requests per device, silent units set aside."""
