"""The operator's console: what core and hazard say, put on a page; commands carried back.

It holds no logic of its own: it judges nothing, clears nothing, and when it stops hearing it
says so. Plain data in and out; the page itself is `web/`, built into `static/`.
"""
