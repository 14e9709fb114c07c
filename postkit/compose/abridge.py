"""Bound the work: of something as long as a book, beginning and end are read, the middle is not.

Nobody condenses a megabyte into one post and expects the middle to be weighed; but an article must
never make postkit slow. What is passed over is reported like everything else that is left out.
"""

from __future__ import annotations

from postkit.model import Article, Block, LeftOut, Span, Transformed, replace

BEGINNING = 90_000  # characters of the source
END = 30_000


def abridge(article: Article) -> Transformed:
    """Return the article without its middle, where it is longer than `BEGINNING + END`."""
    blocks = article.blocks
    if not blocks or blocks[-1].span.end - blocks[0].span.start <= BEGINNING + END:
        return Transformed(article)
    first = _until(blocks, blocks[0].span.start + BEGINNING)
    last = max(first, _until(blocks, blocks[-1].span.end - END))
    if first == last:
        return Transformed(article)
    span = Span(blocks[first].span.start, blocks[last - 1].span.end)
    why = f"far beyond what a post can hold: only {BEGINNING + END:,} characters are weighed"
    return Transformed(
        replace(article, blocks=blocks[:first] + blocks[last:]),
        left_out=(LeftOut("", why, span),),
    )


def _until(blocks: tuple[Block, ...], offset: int) -> int:
    """Return the index of the first block, after the very first, that ends beyond *offset*."""
    low, high = 1, len(blocks)
    while low < high:
        middle = (low + high) // 2
        if blocks[middle].span.end > offset:
            high = middle
        else:
            low = middle + 1
    return low
