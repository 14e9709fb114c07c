"""The live page: an article as the feed will show it, and the calendar of what is coming.

    watch, or an editor ─▶ Stage ─▶ (events) page.js
                           view: an article as pieces of HTML

One page on loopback. `guard` lets in who knows the token, and nobody else.
"""
