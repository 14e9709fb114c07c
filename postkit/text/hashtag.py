"""Hashtags: read the author's, make them valid, and suggest some where there are none.

What postkit knows about topics stands in `data/hashtags.txt`, which explains itself.
"""

from __future__ import annotations

import os.path
import re
import unicodedata
from collections.abc import Sequence
from functools import cache
from math import log2

from postkit.text.memo import remembered

# fmt: off
GENERIC: frozenset[str] = frozenset({
    "all", "announcement", "announcements", "archive", "archives", "article", "articles", "blog",
    "blogpost", "blogposts", "blogs", "default", "draft", "drafts", "entries", "entry",
    "featured", "general", "hidden", "home", "index", "latest", "misc", "miscellaneous", "new",
    "news", "none", "note", "notes", "other", "page", "pages", "post", "posts", "public",
    "published", "random", "release", "releases", "tag", "tags", "tbd", "test", "todo",
    "uncategorised", "uncategorized", "unlisted", "untagged", "update", "updates", "wip",
})
# fmt: on
"""Tags that sort a blog rather than name a topic; compare with `is_generic`."""

BODY_LIMIT = 200_000
"""How many characters of a body `suggest` reads."""

_VOCABULARY = os.path.join(os.path.dirname(__file__), "data", "hashtags.txt")  # noqa: PTH118, PTH120

# Short forms that are no topics of the vocabulary but have one accepted spelling.
# fmt: off
_SPELLINGS = {word.lower(): word for word in (
    "2D", "3D", "CD", "CI", "CPU", "CSV", "DB", "DIY", "DNS", "EU", "FAQ", "IDE",
    "JS", "ML", "OS", "PDF", "PR", "QA", "RSS", "SDK", "SSH", "SSL", "TCP", "TS", "UDP", "UI",
    "UK", "URL", "USB", "VM", "VR", "XML", "XSS",
)}
# fmt: on

_SYMBOLS = (("++", " plus plus "), ("#", " sharp "))


# ---------------------------------------------------------------------------------------------
# The author's hashtags


def is_generic(tag: str) -> bool:
    """Say whether *tag* names no topic: `blog`, `post`, `news` …

    >>> is_generic("#Blog-Post"), is_generic("rust")
    (True, False)
    """
    return "".join(filter(str.isalnum, tag)).casefold() in GENERIC


def from_tag(tag: str) -> str | None:
    """Make an author's tag a hashtag, without the `#`; None where nothing usable is in it.

    A tag that already is a hashtag is kept as written. Of others the words are joined, each in
    the spelling people accept. The result holds letters, digits and underscores only, is in
    NFC, and is its own `from_tag`.

    >>> from_tag("machinelearning"), from_tag("open source"), from_tag("C#"), from_tag("node.js")
    ('machinelearning', 'OpenSource', 'CSharp', 'NodeJS')
    >>> from_tag("2024") is None
    True
    """
    tag = unicodedata.normalize("NFC", tag).strip().lstrip("#").strip()
    if _is_hashtag(tag):
        return tag
    for apostrophe in "'’":
        tag = tag.replace(apostrophe, "")
    words = _words_of_tag(tag)
    known = _vocabulary().display("".join(words).lower()) or _symbol_name(tag)
    joined = unicodedata.normalize("NFC", known or "".join(_spell(word) for word in words))
    return joined if _is_hashtag(joined) else None


def parse_tags(value: object) -> tuple[str, ...]:
    """Read the tags of a front matter, in the author's spelling and order, without any `#`.

    Lists hold a tag an item; numbers count, anything nested is ignored. Text is split

    - at commas and semicolons, where it has any;
    - at spaces, where every word starts with `#`;
    - at spaces, where it is written in slugs: in lower case, with a hyphen in one of the words
      at least, or every word a topic of its own while the whole is none;
    - not at all otherwise: `open source` is one tag.

    A tag that only repeats an earlier one, in another case or under another name of the same
    topic, is dropped.

    >>> parse_tags("inlets-pro inletsctl go")
    ('inlets-pro', 'inletsctl', 'go')
    >>> parse_tags(["AI", "artificial intelligence", 2024, "ai"])
    ('AI', '2024')
    """
    found: list[str] = []
    if isinstance(value, str):
        found = _split(value)
    elif isinstance(value, list | tuple):
        for item in value:
            if isinstance(item, str):
                words = item.split()
                several = len(words) > 1 and all(word.startswith("#") for word in words)
                found += words if several else [item]
            elif isinstance(item, int | float) and not isinstance(item, bool):
                found.append(str(item))
    tags: dict[str, str] = {}
    for tag in found:
        bare = " ".join(tag.split()).lstrip("#").strip()
        if bare:
            tags.setdefault(_identity(bare) if len(found) > 1 else bare, bare)
    return tuple(tags.values())


def find_line(text: str) -> tuple[str, ...]:
    """Return the hashtags of a text that consists of nothing else, without `#`; else ().

    >>> find_line("#AI, #OpenSource #llm")
    ('AI', 'OpenSource', 'llm')
    >>> find_line("# AI"), find_line("#1"), find_line("See #AI")
    ((), (), ())
    """
    tags = []
    for word in text.replace(",", " ").split():
        tag = unicodedata.normalize("NFC", word[1:])
        if word[0] != "#" or not _is_hashtag(tag):
            return ()
        tags.append(tag)
    return tuple(tags)


def _is_word_character(character: str) -> bool:
    if character.isascii():
        return character.isalnum() or character == "_"
    # Vowel signs are marks, and words of many scripts fall apart without them; variation
    # selectors are marks as well, but belong to emoji.
    category = unicodedata.category(character)
    return (
        category[0] == "L"
        or category == "Nd"
        or (category in {"Mn", "Mc"} and not "\ufe00" <= character <= "\ufe0f")
    )


def _is_hashtag(text: str) -> bool:
    return all(map(_is_word_character, text)) and any(map(str.isalpha, text))


def _words_of_tag(tag: str) -> list[str]:
    if tag[:4].lower() == ".net" and not tag[4:5].isalnum():
        tag = "dot net" + tag[4:]
    for symbol, name in _SYMBOLS:
        tag = tag.replace(symbol, name)
    return "".join(c if _is_word_character(c) else " " for c in tag).split()


def _symbol_name(tag: str) -> str | None:
    """Find a name that lives by its signs, such as `asp.net`, which joining would blur."""
    if not any(sign in tag for sign in "+#."):
        return None
    vocabulary = _vocabulary()
    name = vocabulary.names.get(tag.lower())
    return vocabulary.topics[name.topic].display if name and name.same else None


def _spell(word: str) -> str:
    lower = word.lower()
    if word not in (lower, word.capitalize()):
        return word  # the author's own capitals: DevOps, iOS, LLaMA
    known = _SPELLINGS.get(lower) or _vocabulary().display(lower)
    if known:
        return known
    first = word[0].upper()
    return (first if len(first) == 1 else word[0]) + word[1:]


def _split(text: str) -> list[str]:
    for separator in ",;\n":
        if separator in text:
            return text.replace(";", ",").replace("\n", ",").split(",")
    words = text.split()
    if len(words) < 2:
        return words
    if all(word.startswith("#") for word in words):
        return words
    slugs = all(word == word.lower() and word[0].isalnum() for word in words)
    if slugs and any("-" in word for word in words):
        return words
    find = _vocabulary().find
    if slugs and find(" ".join(words)) is None and all(map(find, words)):
        return words
    return [text]


def _identity(tag: str) -> str:
    """Return what two tags share that say the same."""
    vocabulary = _vocabulary()
    hashtag = from_tag(tag) or tag
    for written in (" ".join(_tokens(tag)).lower(), hashtag.lower()):
        name = vocabulary.find(written)
        if name and name.same:
            return vocabulary.topics[name.topic].display.lower()
    return hashtag.casefold()


# ---------------------------------------------------------------------------------------------
# The vocabulary


# Plain classes: what `dataclass` and `NamedTuple` do when a module is imported takes longer than
# reading the whole vocabulary.


class Topic:
    """One line of the vocabulary, as written."""

    __slots__ = ("display", "languages", "names", "parents")

    def __init__(
        self,
        display: str,
        names: Sequence[str],  # marks included
        parents: Sequence[str],
        languages: Sequence[str],
    ) -> None:
        self.display = display
        self.names = names
        self.parents = parents
        self.languages = languages


class _Name:
    __slots__ = ("same", "topic", "weak")

    def __init__(self, topic: int, weak: bool, same: bool) -> None:
        self.topic = topic
        self.weak = weak  # counts only where the topic is certain from something else
        self.same = same  # another name for the topic, not only a sign of it


class _Vocabulary:
    def __init__(self) -> None:
        self.topics: list[Topic] = []
        self.names: dict[str, _Name] = {}  # in lower case
        self.exact: dict[str, _Name] = {}  # in these letters only
        self.first_words: dict[str, int] = {}  # in lower case → words of the longest name
        self.languages: dict[str, int] = {}
        self.numbers: dict[str, int] = {}  # of topics by display in lower case

    def find(self, name: str) -> _Name | None:
        """Look up a name in lower case, in the singular or the plural."""
        return self.names.get(name) or (self.names.get(name[:-1]) if name[-1:] == "s" else None)

    def display(self, joined: str) -> str | None:
        number = self.numbers.get(joined)
        return None if number is None else self.topics[number].display

    def parents(self, topic: int) -> list[int]:
        return [self.numbers[parent.lower()] for parent in self.topics[topic].parents]


def read_topics(text: str) -> list[Topic]:
    """Read the lines of a vocabulary file; its header explains the format."""
    topics = []
    for line in text.split("\n"):
        if line and line[0] != "#":
            display, *fields = line.split("|")
            names, parents, languages = [*map(str.strip, fields), "", "", ""][:3]
            topics.append(
                Topic(
                    display.strip(),
                    names.split(", ") if names else (),
                    parents.split(", ") if parents else (),
                    languages.split(", ") if languages else (),
                )
            )
    return topics


def topics() -> list[str]:
    """Return every topic that postkit knows, as a hashtag without its `#`, in the file's order."""
    return [topic.display for topic in _vocabulary().topics]


@cache
def _vocabulary() -> _Vocabulary:
    vocabulary = _Vocabulary()
    names, exact = vocabulary.names, vocabulary.exact
    first_words = vocabulary.first_words
    with open(_VOCABULARY, encoding="utf-8") as file:  # noqa: PTH123 - pathlib costs start-up time
        vocabulary.topics = topics = read_topics(file.read())
    for number, topic in enumerate(topics):
        own = topic.display.lower()
        vocabulary.numbers[own] = number
        # One object for each kind of mark: making 1,500 of them would double the time to load.
        kinds = {"": _Name(number, False, True)}
        marked = False
        for written in topic.names:
            name = written.rstrip("!?~")
            marks = written[len(name) :]
            kind = kinds.get(marks)
            if kind is None:
                kind = kinds[marks] = _Name(number, "?" in marks, "~" not in marks)
            if "!" in marks:
                exact[name] = kind
                name = name.lower()
            else:
                names[name] = kind
            marked = marked or name == own
            first, _, others = name.partition(" ")
            size = 2 + others.count(" ") if others else 1
            if first_words.get(first, 0) < size:
                first_words[first] = size
        if not marked:
            names[own] = kinds[""]
            first_words.setdefault(own, 1)
        for language in topic.languages:
            vocabulary.languages[language] = number
    return vocabulary


# ---------------------------------------------------------------------------------------------
# Suggestions

# Tuned on articles of many authors; a change wants reading all suggestions again.
_ENOUGH = 2.0  # mentions below which a topic is mentioned in passing
_WORDS_PER_MENTION = 700  # a long article must dwell on a topic longer
_IN_PASSING = 0.42  # of the most mentioned topic, both damped
_PARENTS_SHARE = 0.3  # of a topic's damped mentions that its parents inherit
_STRONG = 2.0  # damped mentions from which a topic speaks for its parents
_DWELLS = 3  # mentions of an ordinary word that make it a topic where title or headings say so

_ENDS = frozenset(".!?…:\n")


def suggest(
    title: str,
    headings: Sequence[str],
    body: str,
    code_languages: Sequence[str] = (),
    *,
    least: int = 3,
    most: int = 5,
) -> tuple[str, ...]:
    """Suggest hashtags for an article, without `#`, the best first.

    *body* is the prose without the code blocks, its blocks apart by blank lines;
    *code_languages* names the language of every code block, as often as it occurs. A topic is
    suggested where the article dwells on it, never for a passing mention; so is a hashtag that
    the text itself repeats. Wider topics that a suggested one implies fill up to *least*. There
    are never more than *most*, and fewer than *least*, down to none, where nothing more fits.
    Of the body the first 200,000 characters count.

    >>> suggest("Why we left Kubernetes", [], "Kubernetes is costly. A pod is a pod.")
    ('Kubernetes', 'CloudNative')
    """
    vocabulary = _vocabulary()
    body = body[:BODY_LIMIT]
    size, in_body = _scanned(body)
    in_headings = _scan(_tokens("\n\n".join(headings)), vocabulary, headline=True)
    in_title = _scan(_tokens(title), vocabulary, headline=True)
    blocks: dict[int, int] = {}
    for language in code_languages:
        number = vocabulary.languages.get(language.strip().lower())
        if number is not None:
            blocks[number] = blocks.get(number, 0) + 1

    enough = _ENOUGH + size / _WORDS_PER_MENTION
    mentions: dict[int, float] = {}  # damped
    scores: dict[int, float] = {}
    for topic in sorted({*in_body, *in_headings, *in_title, *blocks}):
        text = in_body.get(topic, _NOTHING)
        heads = in_headings.get(topic, _NOTHING)
        top = in_title.get(topic, _NOTHING)
        weight = _weight(text, heads, top, min(blocks.get(topic, 0), 8) / 2)
        mentions[topic] = log2(1 + weight)
        if weight >= enough:
            score = mentions[topic]
            score *= 1.9 if top.any else 1
            score *= 1.2 if heads.any else 1
            score *= 1.15 if text.named * 2 > text.firm else 1
            scores[topic] = score
    threshold = _IN_PASSING * max(mentions.values(), default=0.0)
    scores = {
        topic: score
        for topic, score in scores.items()
        if topic in in_title or mentions[topic] >= threshold
    }

    implied: dict[int, float] = {}
    for topic in sorted(scores, key=lambda topic: (-scores[topic], topic)):
        if mentions[topic] >= _STRONG:
            for parent in vocabulary.parents(topic):
                share = mentions[topic] * _PARENTS_SHARE
                implied[parent] = max(implied.get(parent, 0.0), share)
    for parent, share in implied.items():
        if parent in scores:
            scores[parent] += share
        elif parent in in_body or parent in in_headings:
            text = in_body.get(parent, _NOTHING)
            scores[parent] = share + max(mentions[parent], log2(1 + text.weak / 2))

    ranked = [(-score, topic, vocabulary.topics[topic].display) for topic, score in scores.items()]
    written = _inline(title, headings, body, vocabulary)
    ranked += [(-score, len(vocabulary.topics), tag) for tag, score in written.items()]
    tags = [tag for _, _, tag in sorted(ranked)[:most]]
    if len(tags) < least:
        fillers = [parent for parent in implied if parent not in scores]
        fillers.sort(key=lambda parent: -implied[parent])
        tags += [vocabulary.topics[topic].display for topic in fillers]
    return tuple(tags[: min(most, max(least, len(ranked)))])


@cache
def _token() -> re.Pattern[str]:
    return re.compile(
        r"""(?:https?://|www\.)\S+                      # an address says nothing in words
        |(?:(?<!\w)\.)?\w+(?:\.\w+)*(?:\+\+|\#(?!\w))?  # .NET, node.js, C++, C#
        |[.!?…:](?![^\s"'”’)\]*_])                    # the end of a sentence
        |\n[ \t]*(?=[\n\-*+•◦▪|])                     # the end of a block or an item
        |[,;()]""",
        re.VERBOSE,
    )


def _tokens(text: str) -> list[str]:
    """Return the words of *text* and the marks that no phrase crosses."""
    return _token().findall(text)


class _Mentions:
    __slots__ = ("firm", "maybe", "named", "weak")

    def __init__(self) -> None:
        self.firm = 0
        self.weak = 0  # the topic's name, but a common word
        self.maybe = 0  # may mean something else: a sign of the topic at most
        self.named = 0  # of the firm ones, those with a capital inside a sentence

    @property
    def any(self) -> int:
        return self.firm + self.weak + self.maybe


_NOTHING = _Mentions()


def _scanned(body: str) -> tuple[int, dict[int, _Mentions]]:
    """Return how many tokens a body has, and the topics in it: block by block, as few change."""
    found: dict[int, _Mentions] = {}
    size = 0
    for block in body.split("\n\n"):
        tokens, mentions = _scanned_block(block)
        size += tokens + 1  # and the mark between two blocks
        for topic, firm, weak, maybe, named in mentions:
            total = found.setdefault(topic, _Mentions())
            total.firm += firm
            total.weak += weak
            total.maybe += maybe
            total.named += named
    return size - 1, found


@remembered
def _scanned_block(block: str) -> tuple[int, tuple[tuple[int, int, int, int, int], ...]]:
    tokens = _tokens(block)
    found = _scan(tokens, _vocabulary())
    return len(tokens), tuple(
        (topic, one.firm, one.weak, one.maybe, one.named) for topic, one in found.items()
    )


def _scan(
    tokens: Sequence[str], vocabulary: _Vocabulary, *, headline: bool = False
) -> dict[int, _Mentions]:
    found: dict[int, _Mentions] = {}
    lower = [token.lower() for token in tokens]
    exact, first_words = vocabulary.exact, vocabulary.first_words
    free = 0
    for at, word in enumerate(lower):
        longest = first_words.get(word)
        if longest is None:
            if word[-1] != "s":
                continue
            longest = first_words.get(word[:-1])
        if longest is None or at < free:
            continue
        for size in range(longest, 0, -1):
            name = exact.get(" ".join(tokens[at : at + size]))
            by_case = name is not None
            name = name or vocabulary.find(" ".join(lower[at : at + size]))
            if name is None:
                continue
            mentions = found.get(name.topic)
            if mentions is None:
                mentions = found[name.topic] = _Mentions()
            starts = headline or at == 0 or tokens[at - 1][0] in _ENDS
            explained = by_case and starts and tokens[at] == word.capitalize()
            if explained or (name.weak and not name.same):
                mentions.maybe += 1
            elif name.weak:
                mentions.weak += 1
            else:
                mentions.firm += 1
                mentions.named += not starts and tokens[at] != word
            free = at + size
            break
    return found


def _weight(text: _Mentions, heads: _Mentions, title: _Mentions, code: float) -> float:
    """Return how much an article speaks of a topic, in mentions; 0 where that is not certain."""
    certain = text.firm + 2 * heads.firm + 3 * title.firm + code
    others = text.weak + text.maybe
    others += 2 * (heads.weak + heads.maybe) + 3 * (title.weak + title.maybe)
    if not text.firm + heads.firm + title.firm:
        dwells = text.weak >= _DWELLS and (title.any or heads.weak >= 2)
        if not dwells and code < 1.5:
            return 0.0
        certain += text.weak / 2
    return certain + min(others, 2 * certain) / 2


def _inline(
    title: str, headings: Sequence[str], body: str, vocabulary: _Vocabulary
) -> dict[str, float]:
    """Return the hashtags that the text itself uses more than once, and their scores."""
    if "#" not in body:
        return {}
    counts: dict[str, int] = {}
    spellings: dict[str, str] = {}
    for text in (title, *headings, body):
        for tag in re.findall(r"(?<![\w&/#])#(\w+)(?![\w-])", text):
            key = tag.casefold()
            spellings.setdefault(key, tag)
            counts[key] = counts.get(key, 0) + 1
    return {
        spellings[key]: 1.9 * log2(1 + count)
        for key, count in counts.items()
        if count > 1
        and _is_hashtag(spellings[key])
        and key not in GENERIC
        and vocabulary.find(key) is None
        and key not in vocabulary.numbers
        and not re.fullmatch(r"(?:[0-9a-f]{3,4}){1,2}", key)  # a colour
    }
