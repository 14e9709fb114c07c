"""Gather the multilingual text from which the table of the repair engine is counted.

    python -m postkit.text.mojibake.learn.corpus OUT [--cache DIR]

writes OUT/<source>/<language>.txt (UTF-8, one message or paragraph a line, sorted, no line twice)
and OUT/SOURCES.tsv.  It needs Debian's ``apt-get`` and ``dpkg-deb``, ``npm`` and ``pip``, and asks
their registries for these packages, all named and openly licensed:

mediawiki       Debian ``mediawiki``: interface messages, GPL-2+
wordpress       Debian ``wordpress-l10n``: interface messages, GPL-2+
iso-codes       Debian ``iso-codes``: names of countries, languages, currencies, LGPL-2.1+
manpages        Debian ``manpages-*``: translated manual pages; those of manpages-l10n GPL-3+, and
                each page keeps the licence of its original (BSD, GPL, LDP and so on)
debian-docs     Debian ``debian-reference-*`` (GPL-2+), ``developers-reference-*`` (GPL-2+) and
                ``aptitude-doc-*`` (GPL-2+)
libreoffice     Debian ``libreoffice-help-*``: help pages, MPL-2.0
cldr            npm ``cldr-annotations-full``: emoji and symbols with their names, Unicode-3.0
emoji           PyPI ``emoji``: emoji as people type them, variation selectors and all, with their
                names, BSD-3-Clause (the names are Unicode's)
wordfreq        PyPI ``wordfreq``: common words in order of frequency, CC-BY-SA-4.0

The versions named below are those seen; where Debian has moved on, the present one is taken and
said so.  Lines that are markup, placeholders, English left untranslated or already mojibake are
left out; nothing is normalised.
"""

from __future__ import annotations

import argparse
import gzip
import hashlib
import html
import io
import json
import re
import shutil
import struct
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

Line = tuple[str, str]  # a language and a line of it

MAX_LINES = 6_000
MAX_BYTES = 600_000
SHORTEST, LONGEST = 2, 1_500

Tool = Literal["apt", "npm", "pip"]
Reader = Callable[[str, bytes], Iterable[Line]]
"""What makes (language, line) pairs of one member of an archive, given its name and content."""


@dataclass(frozen=True)
class Source:
    name: str
    tool: Tool
    packages: tuple[str, ...]
    """Each as name=version."""
    licence: str
    read: Reader
    ranked: bool = False
    """Whether the order of the lines means something: then the first are kept, not a sample."""


# --- archives


def say(text: str) -> None:
    sys.stderr.write(text + "\n")


def run(*command: str, cwd: Path | None = None) -> bytes:
    program = shutil.which(command[0])
    if program is None:
        raise FileNotFoundError(f"{command[0]} is needed and was not found")
    return subprocess.run(  # noqa: S603  the command is one of ours, no shell reads it
        [program, *command[1:]], cwd=cwd, check=True, capture_output=True
    ).stdout


def split_spec(spec: str) -> tuple[str, str]:
    name, _, version = spec.partition("=")
    return name, version


def cached(tool: Tool, name: str, cache: Path) -> Path | None:
    """The archive of a package, if it is there already."""
    plain = name.lstrip("@").replace("/", "-")
    pattern = {
        "apt": f"{name}_*.deb",
        "npm": f"{plain}-[0-9]*.tgz",
        "pip": f"{name.replace('-', '_')}-[0-9]*",
    }[tool]
    return next(iter(sorted(cache.glob(pattern))), None)


def apt_download(name: str, version: str, cache: Path) -> None:
    try:
        run("apt-get", "download", f"{name}={version}", cwd=cache)
    except subprocess.CalledProcessError:
        say(f"{name}: version {version} is no longer there, taking the present one")
        run("apt-get", "download", name, cwd=cache)


def fetch(tool: Tool, spec: str, cache: Path) -> Path:
    """The archive of a package, downloaded unless it is in the cache."""
    name, version = split_spec(spec)
    found = cached(tool, name, cache)
    if found is None:
        say(f"fetching {spec}")
        if tool == "apt":
            apt_download(name, version, cache)
        elif tool == "npm":
            run("npm", "pack", f"{name}@{version}", cwd=cache)
        else:
            run("pip", "download", "--no-deps", "--quiet", f"{name}=={version}", cwd=cache)
        found = cached(tool, name, cache)
    if found is None:
        raise FileNotFoundError(f"{tool} gave no archive for {spec}")
    return found


def version_of(archive: Path, tool: Tool, name: str) -> str:
    if tool == "apt":
        return archive.name.split("_")[1].replace("%3a", ":")
    start = len(name.lstrip("@").replace("/", "-")) + 1
    rest = archive.name[start:]
    return rest.removesuffix(".tgz") if tool == "npm" else re.split(r"-py|\.tar|\.zip", rest)[0]


def tar_members(stream: io.BytesIO) -> Iterator[tuple[str, bytes]]:
    with tarfile.open(fileobj=stream) as tar:
        for member in tar:
            if member.isfile() and (content := tar.extractfile(member)) is not None:
                yield member.name.removeprefix("./"), content.read()


def zip_members(archive: Path) -> Iterator[tuple[str, bytes]]:
    with zipfile.ZipFile(archive) as bundle:
        for name in bundle.namelist():
            if not name.endswith("/"):
                yield name, bundle.read(name)


def members(archive: Path) -> Iterator[tuple[str, bytes]]:
    """The plain files of a .deb, .tgz, .tar.gz, .whl or .zip, as names and contents."""
    if archive.suffix == ".deb":
        yield from tar_members(io.BytesIO(run("dpkg-deb", "--fsys-tarfile", str(archive))))
    elif archive.suffix in {".whl", ".zip"}:
        yield from zip_members(archive)
    else:
        yield from tar_members(io.BytesIO(archive.read_bytes()))


# --- lines

BLANKS = re.compile(r"[ \t\r\n\f\v]+")  # the no-break spaces stay
TAG = re.compile(r"</?[A-Za-z!][^<>]*>")
PLACEHOLDER = re.compile(
    r"%[-+#0-9.$*l]*[a-zA-Z@]|%\(|%\d|\{\{|\}\}|\{[\w.]*\}|\$\{|###|\\[a-zA-Z]|==|https?://|www\."
    r"|[\w.]+@[\w.]+\.\w|[<>|]{2}|</|/>|&[a-z]+;|\]\]|\[\["
)
BAD_CHARACTER = re.compile(
    "[\x00-\x1f\x7f-\x9f\ufdd0-\ufdef\ufff0-\uffff\ue000-\uf8ff\ud800-\udfff\U000f0000-\U0010ffff]"
)
ENGLISH = re.compile(
    r"\b(?:the|and|with|this|that|are|from|which|your|you|when|will|been|these|not|should)\b",
    re.IGNORECASE,
)

CONT = "[\x80-\xbf€‚ƒ„…†‡ˆ‰Š‹ŒŽ‘’“”•–—˜™š›œžŸ]"
WESTERN = re.compile(
    rf"Ã{CONT}|Â[\xa0-\xa9\xab-\xb1\xb4-\xb9\xbc-\xbf]|â€|ðŸ|ï»¿|Å[€Ÿ¡¾½„‚™]|Ä[‡…±™Ÿ]"
    rf"|(?:[Â-ß]{CONT}){{2}}|(?:[à-ï]{CONT}{{2}}){{2}}"
)
OTHER_CHARSETS = (
    *("cp1250", "cp1251", "cp1252", "cp1253", "cp1254", "cp1257", "koi8_r", "mac_roman"),
    *("cp437", "cp850", "iso8859_2", "gbk"),
)


def reads_as_utf8(line: str, charset: str) -> bool:
    """Whether the line, written in this charset, is UTF-8: then it is hardly what was meant."""
    try:
        return line != line.encode(charset).decode("utf-8")
    except UnicodeError:
        return False


def is_mojibake(line: str) -> bool:
    if line.isascii():
        return False
    if WESTERN.search(line):
        return True
    foreign = sum(character > "\x7f" for character in line)
    return foreign >= 4 and any(reads_as_utf8(line, charset) for charset in OTHER_CHARSETS)


def mostly_text(line: str) -> bool:
    """Whether most of the line is letters, or anything beyond ASCII, and blanks between."""
    words = sum(c.isalpha() or c > "\x7f" for c in line)
    blanks = line.count(" ")
    return words > 0 and words + blanks >= 0.8 * len(line) - 3


def tidy(text: str) -> str | None:
    """The line in plain text, or nothing when it is not a line of natural text."""
    line = html.unescape(TAG.sub("", text)) if "<" in text or "&" in text else text
    line = BLANKS.sub(" ", line).strip(" ")
    if not SHORTEST <= len(line) <= LONGEST or PLACEHOLDER.search(line):
        return None
    if BAD_CHARACTER.search(line) or not mostly_text(line) or is_mojibake(line):
        return None
    return line


def is_english(line: str) -> bool:
    """Whether a line of another language seems to have stayed English."""
    return len({word.lower() for word in ENGLISH.findall(line)}) >= 2


def language(code: str) -> str:
    return code.replace("_", "-").lower()


# --- formats


def split_forms(text: str) -> list[str]:
    return [part for form in text.split("\0") for part in form.split("\n\n")]


def mo_messages(content: bytes) -> Iterator[tuple[str, str]]:
    """The (original, translation) pairs of a GNU gettext catalogue."""
    order = "<" if content[:4] == b"\xde\x12\x04\x95" else ">"
    count, originals, translations = struct.unpack_from(f"{order}3I", content, 8)
    charset = "utf-8"
    for number in range(count):
        pair: list[str] = []
        for table in (originals, translations):
            length, offset = struct.unpack_from(f"{order}2I", content, table + 8 * number)
            pair.append(content[offset : offset + length].decode(charset, "replace"))
        original, translation = pair
        if original:
            yield original.rpartition("\4")[2], translation
        elif found := re.search(r"charset=([\w-]+)", translation):
            charset = found[1]


def mo_lines(code: str, content: bytes) -> Iterator[Line]:
    for original, translation in mo_messages(content):
        for form in split_forms(original):
            yield "en", form
        for form in split_forms(translation):
            yield code, form


def json_strings(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for key, inner in value.items():
            if not str(key).startswith("@"):
                yield from json_strings(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from json_strings(inner)


def wiki_text(text: str) -> str:
    """Wiki markup resolved to what the reader sees, as far as that is simple."""
    text = re.sub(r"\[\[(?:[^\[\]|]*\|)?([^\[\]|]*)\]\]", r"\1", text)
    text = re.sub(r"\[(?:https?:)?//\S+ ([^\[\]]*)\]|\[\$\d+ ([^\[\]]*)\]", r"\1\2", text)
    return re.sub(r"'{2,}|^[*#:;=]+|=+$|__\w+__", "", text)


HIDDEN = re.compile(
    r"<(script|style|pre|code|head|nav|svg|textarea)\b.*?</\1\s*>", re.DOTALL | re.IGNORECASE
)
BLOCK = re.compile(
    r"</?(?:p|li|ul|ol|dl|dd|dt|td|th|tr|table|h[1-6]|div|br|hr|body|section|blockquote|a name)"
    r"\b[^>]*>",
    re.IGNORECASE,
)


def html_lines(content: bytes) -> Iterator[str]:
    text = HIDDEN.sub(" ", content.decode("utf-8", "replace"))
    yield from BLOCK.split(text)


ROFF_NAMES = {
    "aq": "'", "dq": '"', "lq": "“", "rq": "”", "oq": "‘", "cq": "’", "Fo": "«", "Fc": "»",
    "en": "–", "em": "—", "hy": "‐", "bu": "•", "co": "©", "rg": "®", "tm": "™", "bq": "‚",
    "Bq": "„", "->": "→", "<-": "←", ">=": "≥", "<=": "≤", "mu": "×", "+-": "±", "de": "°",
    "ti": "~", "ha": "^", "rs": "\\", "sc": "§", "fo": "‹", "fc": "›", "ss": "ß", "ga": "`",
}  # fmt: skip
ROFF_ESCAPE = re.compile(
    r"\\(?:f(?:\[[^\]]*\]|\(..|.)|s[-+]?\d|m\[[^\]]*\]|\*(?:\(..|\[[^\]]*\]|.)"
    r"|\((..)|\[([^\]]*)\]|([^A-Za-z]|e|c))"
)
ROFF_FONT = re.compile(r"\.\s*(?:B|I|BR|RB|IR|RI|BI|IB|SM|SB)\s+(.*)")
ROFF_HEAD = re.compile(r"\.\s*(?:SH|SS)\s+(.*)")
ROFF_SKIP = re.compile(r"\.\s*(?:nf|EX|TS|ig|de)\b")
ROFF_RESUME = re.compile(r"\.\s*(?:fi|EE|TE|\.)\s*$")


def roff_character(match: re.Match[str]) -> str:
    name = match[1] or match[2]
    if name:
        if code := re.fullmatch(r"u([0-9A-F]{4,5})", name):
            return chr(int(code[1], 16))
        return ROFF_NAMES.get(name, "\ufffd")
    sign: str = match[3] or ""
    return {"-": "-", "e": "\\", " ": " ", "~": "\xa0", "'": "´", "`": "`", ".": "."}.get(sign, "")


def roff_text(text: str) -> str:
    return ROFF_ESCAPE.sub(roff_character, text)


def join_lines(parts: list[str]) -> str:
    """The lines of a paragraph as one: no blank where two ideographs or kana meet."""
    text = ""
    for part in parts:
        wide = bool(text) and text[-1] > "\u2e80" and part[:1] > "\u2e80" and part[:1] < "\uac00"
        text += part if wide or not text else " " + part
    return text


def roff_lines(content: bytes) -> Iterator[str]:
    """The paragraphs of a manual page written with the man macros."""
    text = content.decode("utf-8", "replace")
    if re.search(r"^\.Sh ", text, re.MULTILINE):  # the mdoc macros are another language
        return
    paragraph: list[str] = []
    skipping = False
    for line in [*text.splitlines(), "."]:
        if skipping or line.startswith("\\"):
            skipping = skipping and not ROFF_RESUME.match(line)
        elif font := ROFF_FONT.match(line):
            paragraph.append(roff_text(font[1].replace('"', "")))
        elif line[:1] in {".", "'"} or not line.strip():
            yield join_lines(paragraph)
            paragraph = []
            skipping = bool(ROFF_SKIP.match(line))
            if head := ROFF_HEAD.match(line):
                yield roff_text(head[1].strip('" '))
        else:
            paragraph.append(roff_text(line.strip()))


def unpack_words(content: bytes) -> Iterator[str]:
    """The strings of a msgpack file of nothing but maps, arrays, numbers and strings."""
    at, end = 0, len(content)
    while at < end:
        code = content[at]
        at += 1
        if code in {0xDC, 0xDE}:
            at += 2
        elif code == 0xDD:
            at += 4
        elif code in {0xCC, 0xCD, 0xCE, 0xD0, 0xD1}:
            at += {0xCC: 1, 0xCD: 2, 0xCE: 4, 0xD0: 1, 0xD1: 2}[code]
        elif 0xA0 <= code <= 0xBF or code in {0xD9, 0xDA}:
            wide = {0xD9: 1, 0xDA: 2}.get(code, 0)
            length = int.from_bytes(content[at : at + wide], "big") if wide else code & 0x1F
            at += wide + length
            yield content[at - length : at].decode("utf-8")


# --- readers


def read_mediawiki(name: str, content: bytes) -> Iterator[Line]:
    found = re.search(r"/i18n/(?:[\w-]+/)*([\w-]+)\.json$", name)
    if not found or found[1] in {"qqq", "qqx", "en-x-piglatin"}:
        return
    for text in json_strings(json.loads(content)):
        for line in wiki_text(text).split("\n"):
            yield found[1], re.sub(r"^[*#:;=]+\s*", "", line)


def read_wordpress(name: str, content: bytes) -> Iterator[Line]:
    if found := re.search(
        r"/languages/(?:admin-network-|admin-|continents-cities-)?(\w+)\.mo$", name
    ):
        for code, line in mo_lines(found[1], content):
            yield code, html.unescape(line)


def read_catalogue(name: str, content: bytes) -> Iterator[Line]:
    if found := re.search(r"/locale/([\w@]+)/LC_MESSAGES/[^/]+\.mo$", name):
        yield from mo_lines(found[1].replace("@", "-"), content)


def read_manual(name: str, content: bytes) -> Iterator[Line]:
    if found := re.search(r"/man/([\w@.-]+)/man\d/[^/]+\.gz$", name):
        for line in roff_lines(gzip.decompress(content)):
            yield found[1].partition(".")[0].replace("@", "-"), line


def read_debian_docs(name: str, content: bytes) -> Iterator[Line]:
    found = (
        re.search(r"/debian-reference/(?:ch|pr|ap)\w+\.([\w-]+)\.html$", name)
        or re.search(r"/developers-reference/(\w+)/developers-reference\.html$", name)
        or re.search(r"/aptitude/html/([\w-]+)/[\w-]+\.html$", name)
    )
    if found:
        for line in html_lines(content):
            yield found[1], line


def read_libreoffice(name: str, content: bytes) -> Iterator[Line]:
    if found := re.search(r"/help/([\w-]+)/text/.*\.html$", name):
        code = "en" if found[1] == "en-US" else found[1]
        for line in html_lines(content):
            yield code, line


def read_cldr(name: str, content: bytes) -> Iterator[Line]:
    found = re.search(r"/annotations(?:Derived)?/([\w-]+)/annotations\.json$", name)
    if not found:
        return
    tables = json.loads(content)
    annotations = next(iter(tables.values())).get("annotations", {})
    for sign, entry in annotations.items():
        spoken = "".join(entry.get("tts", ()))
        others = ", ".join(word for word in entry.get("default", ()) if word != spoken)
        yield found[1], f"{sign} {spoken}: {others}" if others and spoken else f"{sign} {spoken}"


def read_emoji(name: str, content: bytes) -> Iterator[Line]:
    found = re.search(r"/unicode_codes/emoji(?:_(\w+))?\.json$", name)
    if not found:
        return
    code = found[1] or "en"
    for sign, entry in json.loads(content).items():
        spoken = entry[code] if isinstance(entry, dict) else entry
        if isinstance(spoken, str):
            yield code, f"{sign} {spoken.strip(':').replace('_', ' ')}"


def read_wordfreq(name: str, content: bytes) -> Iterator[Line]:
    if found := re.search(r"/data/(large|small)_(\w+)\.msgpack\.gz$", name):
        if found[1] == "large":  # every language has the small list
            return
        for word in unpack_words(gzip.decompress(content)):
            if word not in {"format", "version", "cB"} and (found[2] == "en" or not word.isascii()):
                yield found[2], word


# --- what is fetched

L10N = "4.18.1-1"
HELP = "4:7.4.7-1+deb12u14"


def debian(prefix: str, codes: str, version: str) -> tuple[str, ...]:
    return tuple(f"{prefix}{code}={version}" for code in codes.split())


SOURCES = (
    Source("mediawiki", "apt", ("mediawiki=1:1.39.17-1+deb12u2",), "GPL-2+", read_mediawiki),
    Source("wordpress", "apt", ("wordpress-l10n=6.1.9+dfsg1-0+deb12u1",), "GPL-2+", read_wordpress),
    Source("iso-codes", "apt", ("iso-codes=4.15.0-1",), "LGPL-2.1+", read_catalogue),
    Source(
        "manpages",
        "apt",
        (
            *debian("manpages-", "cs da de el es fi fr id it mk nb nl pt-br ro ru", L10N),
            *debian("manpages-", "sr sv uk vi", L10N),
            *debian("manpages-", "hu pl", f"1:{L10N}"),
            "manpages-ja=0.5.0.0.20221215+dfsg-1",
            "manpages-tr=2.0.6-2",
            "manpages-zh=1.6.4.0-1",
        ),
        "GPL-3+ and the licence of each page",
        read_manual,
    ),
    Source(
        "debian-docs",
        "apt",
        (
            *debian("debian-reference-", "de en es fr id it ja pt pt-br zh-cn zh-tw", "2.100"),
            "developers-reference=12.18",
            *debian("developers-reference-", "de fr it ja ru", "12.18"),
            *debian("aptitude-doc-", "cs en es fi fr it ja nl ru", "0.8.13-5"),
        ),
        "GPL-2+",
        read_debian_docs,
    ),
    Source(
        "libreoffice",
        "apt",
        debian(
            "libreoffice-help-",
            "ca cs da de dz el en-us es et eu fi fr gl hi hu id it ja km ko nl om pl pt pt-br ru"
            " sk sl sv tr vi zh-cn zh-tw",
            HELP,
        ),
        "MPL-2.0",
        read_libreoffice,
    ),
    Source(
        "cldr",
        "npm",
        ("cldr-annotations-full=48.2.0", "cldr-annotations-derived-full=48.2.0"),
        "Unicode-3.0",
        read_cldr,
    ),
    Source("emoji", "pip", ("emoji=2.16.0",), "BSD-3-Clause", read_emoji),
    Source("wordfreq", "pip", ("wordfreq=3.1.1",), "CC-BY-SA-4.0", read_wordfreq, ranked=True),
)

Languages = dict[str, dict[str, None]]


def gather(pairs: Iterable[Line], into: Languages) -> None:
    seen: set[Line] = set()
    for pair in pairs:
        if pair in seen:
            continue
        seen.add(pair)
        if line := tidy(pair[1]):
            into.setdefault(language(pair[0]), {})[line] = None


def collect(source: Source, archives: Iterable[Path]) -> Languages:
    lines: Languages = {}
    for archive in archives:
        for name, content in members(archive):
            gather(source.read(name, content), lines)
    english = lines.get("en", {})
    for code, found in lines.items():
        if code != "en" and not code.startswith("en-"):
            for line in [line for line in found if line in english or is_english(line)]:
                del found[line]
    return lines


def digest(line: str) -> bytes:
    return hashlib.blake2b(line.encode(), digest_size=8).digest()


def sample(lines: Iterable[str], ranked: bool = False) -> list[str]:
    """As many lines as the caps allow, chosen by a hash so that every run chooses the same."""
    chosen: list[str] = []
    size = 0
    for line in lines if ranked else sorted(lines, key=digest):
        size += len(line.encode()) + 1
        if len(chosen) == MAX_LINES or size > MAX_BYTES:
            break
        chosen.append(line)
    return chosen if ranked else sorted(chosen)


def write(folder: Path, lines: Languages, ranked: bool) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for code, found in sorted(lines.items()):
        if chosen := sample(found, ranked):
            text = "\n".join(chosen) + "\n"
            (folder / f"{code}.txt").write_text(text, encoding="utf-8", newline="\n")


def build(sources: Iterable[Source], out: Path, cache: Path) -> None:
    out.mkdir(parents=True, exist_ok=True)
    cache.mkdir(parents=True, exist_ok=True)
    registry = {"apt": "Debian", "npm": "npm", "pip": "PyPI"}
    rows = ["source\tpackage\tversion\tlicence\tfrom"]
    for source in sources:
        archives: list[Path] = []
        for spec in source.packages:
            name, _ = split_spec(spec)
            archives.append(fetch(source.tool, spec, cache))
            version = version_of(archives[-1], source.tool, name)
            rows.append(
                f"{source.name}\t{name}\t{version}\t{source.licence}\t{registry[source.tool]}"
            )
        lines = collect(source, archives)
        write(out / source.name, lines, source.ranked)
        say(f"{source.name}: {len(lines)} languages, {sum(map(len, lines.values()))} lines found")
    (out / "SOURCES.tsv").write_text("\n".join(rows) + "\n", encoding="utf-8", newline="\n")


def main() -> None:
    parser = argparse.ArgumentParser(description="Gather the text the table is counted from.")
    parser.add_argument("out", type=Path)
    parser.add_argument("--cache", type=Path, help="where the downloaded packages are kept")
    parser.add_argument("--only", nargs="*", help="just these sources")
    options = parser.parse_args()
    chosen = [source for source in SOURCES if not options.only or source.name in options.only]
    with tempfile.TemporaryDirectory() as scratch:
        build(chosen, options.out, options.cache or Path(scratch))


if __name__ == "__main__":
    main()
