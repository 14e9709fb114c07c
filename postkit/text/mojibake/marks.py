"""What a text is searched for before anything in it is weighed."""

from __future__ import annotations

from postkit.text.patterns import lazy

ENTITY = r"&(?:#[0-9]{2,7}|#[xX][0-9a-fA-F]{2,6}|[A-Za-z][A-Za-z0-9]{1,30});"
RUN = lazy(r"[^\x00-\x7f]+")
RUN_OR_ENTITIES = lazy(rf"(?:[^\x00-\x7f]|{ENTITY})+")
PARAGRAPH_END = lazy(r"\n[ \t\r]*\n")
CODE_MARK = lazy("[`\t]|~~~|    ")
CODE = lazy(
    r"(?ms)^ {0,3}(?:```.*?(?:^ {0,3}```|\Z)|~~~.*?(?:^ {0,3}~~~|\Z))"
    r"|`[^`\n]+`|`[^`\s]{1,3}"
    r"|(?:\A|(?<=\n\n))(?:(?: {4}|\t)[^\n]*\n?)+"
)
HIGH_CONTROL = lazy("[\x80-\x9f]")
MARK = lazy("[\u0300-\u036f]")

# What a lost byte leaves of the commonest sequences: enough to look closer
STUMPS = (
    ("windows-1252", r"Ã(?:\s|$)|â\?[¬¢œ“”™\x80-\xbf]|Ã\?Â|â€|ðŸ|â–|Â |ã[\xa1-\xbf]|Ð |Å "),
    ("windows-1252", r"(?<=[a-z])â(?=[a-z]{1,2}\b)"),
    ("windows-1250", r"đź|Ĺ |(?<=[a-zà-ž])Ă\s"),
    ("windows-1251", r"рџ|вЂ(?![а-яА-Я])|(?<=[a-z] )Г\s|(?<=[a-z])Г\s"),
    ("windows-1253", r"β€"),
    ("windows-1254", r"ğŸ"),
    ("koi8-r", r"П÷"),
    ("cp437", r"≡ƒ"),
)
STUMP = lazy("|".join(f"(?P<c{n}>{pattern})" for n, (_, pattern) in enumerate(STUMPS)))
STUMPED = lazy(  # what runs end with, or hold, where any of these may stand
    r"[ÃÂÅÐĂĹГâ](?:\n|$)|Ã\?|â[\?€–]|ðŸ|đź|рџ|вЂ|β€|ğŸ|П÷|≡ƒ|ã[\xa1-\xbf]"
)
