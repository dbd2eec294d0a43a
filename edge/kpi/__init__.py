"""Alarm performance: journal events in, the figures of EEMUA 191 and ISA-18.2 out.

Pure: rows come from the caller, one after the other, and nothing of them is kept but counts.
"""
