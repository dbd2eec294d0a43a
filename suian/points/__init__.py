"""Point lists (点表): a site's tag lists as spreadsheets, out and in again, nothing lost.

Core reads CSV only; spreadsheets are an engineer's tool, so openpyxl is imported where it is used.
"""
