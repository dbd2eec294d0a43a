"""Dispersion: pure numerics, SI only (kg/s, m, m/s, kg/m3). One model per file.

`weather` says how the air mixes; `passive` holds models of gas that goes where the air goes;
`isopleth` turns a field into rings in site metres. Nothing here reads a file, a clock or a site.
"""
