"""The names that authors give to the parts of an article, and how a label is told from text."""

from __future__ import annotations

from postkit.model import STRONG, TEXT, Block, Paragraph
from postkit.text.emoji import strip_emoji
from postkit.text.flat import inline_text
from postkit.text.unicode_style import fold

READING_LISTS = frozenset({
    "reading list", "references", "reference", "links", "further reading", "sources", "literature",
    "bibliography", "resources", "useful links", "related links", "more reading", "read more",
    "additional resources", "see also", "further resources", "citations", "works cited",
    "leseliste", "literatur", "quellen", "quellenverzeichnis", "weiterführende links", "verweise",
    "zum weiterlesen", "weiterlesen", "literaturverzeichnis", "références", "sources et liens",
    "pour aller plus loin", "bibliographie", "liens", "lectures", "referencias", "enlaces",
    "fuentes", "bibliografía", "lecturas", "lista de lectura", "para saber más", "riferimenti",
    "fonti", "letture", "collegamenti", "bibliografia", "per approfondire", "referências",
    "fontes", "leituras", "para saber mais", "referenties", "bronnen", "verder lezen", "leeslijst",
})  # fmt: skip
SUMMARIES = frozenset({
    "key takeaways", "takeaways", "key points", "at a glance", "in short", "in brief", "summary",
    "kurzfassung", "auf einen blick", "das wichtigste in kürze", "en bref", "en resumen",
    "in sintesi", "em resumo", "samenvatting",
})  # fmt: skip
CONTENTS = frozenset({
    "table of contents", "contents", "toc", "on this page", "in this article", "inhalt",
    "inhaltsverzeichnis", "sommaire", "table des matières", "índice", "contenido", "indice",
    "inhoud", "inhoudsopgave",
})  # fmt: skip

_LONGEST = 80  # characters


def label_of(text: str) -> str:
    """Return *text* as a label is compared: no emoji, no styling, no case, no final colon."""
    return strip_emoji(fold(text)).strip(" \t:.–—-*#").casefold()


def is_bold(block: Block) -> bool:
    """Say whether a paragraph is bold from end to end."""
    if not isinstance(block, Paragraph):
        return False
    words = [i for i in block.inlines if i.text.strip() and i.kind == TEXT]
    return bool(words) and all(inline.style & STRONG for inline in words)


def is_label(block: Block) -> bool:
    """Say whether a paragraph is one short bold line, as authors write small headings."""
    return (
        is_bold(block)
        and isinstance(block, Paragraph)
        and (len(inline_text(block.inlines)) <= _LONGEST)
    )
