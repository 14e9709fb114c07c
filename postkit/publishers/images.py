"""Images as they will be sent: read once, looked at by their content, and changed only if need be.

What a network takes goes as it is, byte for byte. Another format is converted, what has too many
pixels is scaled down, and the image says so. What cannot be sent is an error before anything is.

This is the only module that uses Pillow; it loads it when there is an image.
"""

from __future__ import annotations

import hashlib
import os
import stat
import struct
import warnings
from io import BytesIO
from math import isqrt
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, NoReturn

from postkit.errors import MediaError
from postkit.publishers.base import Image
from postkit.text.length import utf16_units

if TYPE_CHECKING:
    from PIL.Image import Image as Picture
    from PIL.ImageFile import ImageFile

MOST_BYTES = 200 * 1024 * 1024  # of a file; no camera makes more, and it is held in memory
MOST_PIXELS = 400_000_000  # a few kilobytes can unpack to more than any memory holds
JPEG_QUALITY = 90  # of 95 that make sense: no difference to be seen


class Taken(NamedTuple):
    """What images a network takes."""

    title: str
    kept: frozenset[str]  # formats that are sent as they are, as Pillow calls them
    pixels: int  # an image has fewer than these
    alt: int  # UTF-16 units of alternative text at most
    source: str


LINKEDIN = Taken(
    "LinkedIn",
    frozenset({"JPEG", "PNG", "GIF"}),
    pixels=36_152_320,
    alt=4086,
    source="learn.microsoft.com, Images API (JPG, PNG, GIF; fewer than 36,152,320 pixels) and "
    "MultiImage API (altText of at most 4,086 characters), li-lms-2026-05",
)

_MEDIA_TYPES = {"JPEG": "image/jpeg", "PNG": "image/png", "GIF": "image/gif"}
_SHOWN = {"WEBP": "WebP", "MPO": "JPEG"}
_READ = ("JPEG", "PNG", "GIF", "WEBP", "AVIF", "BMP", "TIFF")
_MODES = frozenset(
    ("1", "L", "LA", "La", "P", "PA", "RGB", "RGBA", "RGBa", "RGBX", "CMYK", "YCbCr", "LAB", "HSV")
)
_DEEP = ("I;16", "I;16L", "I;16B", "I;16N", "I")  # one channel of 16 bits

# How files begin that people take for images, or for ones that networks take.
_NO_IMAGE = (
    (b"%PDF-", "a PDF"),
    (b"<svg", "SVG"),
    (b"<?xml", "SVG, or other XML"),
    (b"<!DOCTYPE svg", "SVG"),
    (b"<!DOCTYPE", "a web page"),
    (b"<html", "a web page"),
    (b"\0\0\1\0", "an icon"),
    (b"8BPS", "a Photoshop file"),
    (b"PK\x03\x04", "a ZIP archive or a document"),
    (b"\x1f\x8b", "a compressed file"),
)
_PHONES = (b"ftypheic", b"ftypheix", b"ftyphevc", b"ftypmif1", b"ftypmsf1")
_FILMS = (b"ftypisom", b"ftypmp4", b"ftypM4V", b"ftypqt", b"ftypavc1")
_SAVE_AS = "save it as PNG or JPEG"


def prepare(
    path: Path,
    *,
    shown: str,
    alt: str,
    root: Path,
    taken: Taken = LINKEDIN,
    most_bytes: int = MOST_BYTES,
    most_pixels: int = MOST_PIXELS,
) -> Image:
    """Return the image at *path* as it will be sent; messages call it *shown*.

    It must lie inside of *root*, links followed: an article may not publish any file of a machine.

    Raises MediaError where it is missing, is no image that is *taken*, or is damaged.
    """
    length = utf16_units(alt)
    if length > taken.alt:
        message = f"the alternative text of `{shown}` has {length:,} characters, and {taken.title}"
        raise MediaError(f"{message} takes {taken.alt:,}", hint="one sentence serves readers best")
    data = _read(path, shown, root, most_bytes)
    return _Sender(shown, alt, data, taken, most_pixels).image()


# ---------------------------------------------------------------------------------------------
# The file


def _read(path: Path, shown: str, root: Path, most: int) -> bytes:
    try:
        real = Path(os.path.realpath(path))
        folder = Path(os.path.realpath(root))
        if not real.is_relative_to(folder):
            raise MediaError(
                f"the image `{shown}` lies outside of the folder {folder}",
                hint="only what is inside of it is published: copy the image there",
            )
        status = real.stat()
        if stat.S_ISDIR(status.st_mode):
            raise MediaError(f"the image `{shown}` is a folder")
        if not stat.S_ISREG(status.st_mode):  # to read from a pipe might never end
            raise MediaError(f"the image `{shown}` is no ordinary file")
        if status.st_size > most:
            _refuse_huge(shown, most)
        with real.open("rb") as file:
            data = file.read(most + 1)
    except (FileNotFoundError, NotADirectoryError) as error:
        hint = "correct its path in the article, or `[site] static`"
        raise MediaError(f"there is no image `{shown}`: {path} is not there", hint=hint) from error
    except OSError as error:
        reason = (error.strerror or type(error).__name__).lower()
        raise MediaError(f"the image `{shown}` cannot be read: {reason}") from error
    except ValueError as error:  # a NUL in the name
        raise MediaError(f"no file can be called `{shown}`") from error
    if not data:
        raise MediaError(f"the image `{shown}` is empty")
    if len(data) > most:
        _refuse_huge(shown, most)
    return data


def _refuse_huge(shown: str, most: int) -> NoReturn:
    size = f"{most // (1024 * 1024):,} MB"
    raise MediaError(f"the image `{shown}` is larger than {size}", hint="scale it down first")


# ---------------------------------------------------------------------------------------------
# The image


class _Sender(NamedTuple):
    """One file on its way to a network."""

    shown: str
    alt: str
    data: bytes
    taken: Taken
    most_pixels: int

    def image(self) -> Image:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # what matters of them is an error here, or a note
            from PIL.Image import DecompressionBombError

            try:
                return self._looked_at()
            except (DecompressionBombError, MemoryError) as error:
                message = f"the image `{self.shown}` unpacks to more than is safe"
                raise MediaError(message, hint="scale it down first") from error

    def _looked_at(self) -> Image:
        picture = self._opened()
        kind = "JPEG" if picture.format == "MPO" else str(picture.format)
        width, height = picture.size
        if width * height > self.most_pixels:
            raise MediaError(
                f"the image `{self.shown}` has {width:,} × {height:,} pixels; "
                f"{self.most_pixels:,} are read",
                hint="scale it down first",
            )
        self._refuse_moving(picture)
        self._decode(picture)
        big = width * height >= self.taken.pixels
        if kind in self.taken.kept and not big:
            return self._made(self.data, kind)
        drawn = self._drawn(picture)
        notes = []
        target = kind if kind in {"JPEG", "PNG"} else "PNG"
        if kind not in self.taken.kept:
            target = "PNG" if _is_transparent(drawn) else "JPEG"
            notes.append(f"converted from {_SHOWN.get(kind, kind)} to {target}")
        if big:
            before = drawn.size
            drawn = self._scaled(drawn)
            notes.append(f"scaled from {_pixels(before)} to {_pixels(drawn.size)} pixels")
        return self._made(self._encoded(drawn, target), target, ", ".join(notes))

    def _made(self, data: bytes, kind: str, note: str = "") -> Image:
        digest = hashlib.sha256(data).hexdigest()
        return Image(self.shown, self.alt, _MEDIA_TYPES[kind], data, digest, note)

    def _opened(self) -> ImageFile:
        """Open the image by what is in it; only what is as large as it says is decoded later."""
        from PIL import (  # noqa: F401  each of them registers its format
            AvifImagePlugin,
            BmpImagePlugin,
            GifImagePlugin,
            JpegImagePlugin,
            PngImagePlugin,
            TiffImagePlugin,
            WebPImagePlugin,
        )
        from PIL.Image import OPEN

        known = {kind: OPEN[kind] for kind in _READ}
        start = self.data[:16]
        kind = next(
            (k for k, (_, accepts) in known.items() if accepts and accepts(start) is True), ""
        )
        if not kind:
            self._refuse()
        # Not by `Image.open`: it would refuse sizes that `MOST_PIXELS` allows, by a limit that
        # belongs to the whole process.
        factory = known[kind][0]
        try:
            factory(BytesIO(self.data), "").verify()  # checksums; it leaves nothing to be decoded
            return factory(BytesIO(self.data), "")
        except _BROKEN as error:
            self._refuse_broken(kind, error)

    def _refuse(self) -> NoReturn:
        head = self.data[:512].lstrip(b"\xef\xbb\xbf \t\r\n")
        names = [name for start, name in _NO_IMAGE if head.lower().startswith(start.lower())]
        what = names[0] if names else ""
        if b"<svg" in self.data[:4096].lower() and head.startswith(b"<"):
            what = "SVG"
        elif self.data[4:].startswith(_PHONES):
            what = "HEIC"
        elif self.data[4:].startswith(_FILMS):
            what = "a film"
        is_what = f"{what}, " if what else ""
        raise MediaError(
            f"`{self.shown}` is {is_what}not an image that {self.taken.title} takes", hint=_SAVE_AS
        )

    def _refuse_broken(self, kind: str | None, error: Exception) -> NoReturn:
        named = _SHOWN.get(str(kind), str(kind))
        raise MediaError(
            f"the image `{self.shown}` is damaged: it begins as {named} and cannot be read to its "
            "end",
            hint="open it in an image editor and save it again",
        ) from error

    def _refuse_moving(self, picture: ImageFile) -> None:
        # A second view in a JPEG is no film: phones put a depth map or a live preview there.
        if picture.format == "MPO":
            return
        try:
            moves = bool(getattr(picture, "is_animated", False))
        except _BROKEN as error:
            self._refuse_broken(picture.format, error)
        if moves:
            several = "has several pages" if picture.format == "TIFF" else "is animated"
            raise MediaError(
                f"the image `{self.shown}` {several}, which {self.taken.title} does not show",
                hint="save one frame of it as PNG or JPEG",
            )

    def _decode(self, picture: ImageFile) -> None:
        try:
            picture.load()
        except _BROKEN as error:
            self._refuse_broken(picture.format, error)

    def _drawn(self, picture: ImageFile) -> Picture:
        """Return the pixels as people see them: turned upright, in colours that can be saved."""
        from PIL import ImageOps

        if picture.mode not in _MODES | set(_DEEP):
            raise MediaError(
                f"the image `{self.shown}` holds other pixels than colours ({picture.mode})",
                hint=_SAVE_AS,
            )
        try:
            upright: Picture = ImageOps.exif_transpose(picture)
        except _BROKEN:  # a damaged EXIF block says nothing of its orientation
            upright = picture
        kept = picture.mode not in {"LA", "La", "PA", "LAB"}  # these change their kind of colour
        profile = picture.info.get("icc_profile") if kept else None
        if upright.mode in _DEEP:
            upright = upright.convert("I").point(lambda value: value * (1 / 257)).convert("L")
            upright.info.pop("transparency", None)  # it is a number of 16 bits, too
        if upright.has_transparency_data:
            drawn = upright.convert("RGBA")
            if drawn.getchannel("A").getextrema() == (255, 255):
                drawn = drawn.convert("RGB")
        elif upright.mode in {"L", "CMYK"}:
            drawn = upright
        else:
            drawn = upright.convert("L" if upright.mode == "1" else "RGB")
        drawn.info = {"icc_profile": profile} if profile else {}
        return drawn

    def _scaled(self, drawn: Picture) -> Picture:
        from PIL.Image import Resampling

        return drawn.resize(_below(drawn.size, self.taken.pixels), Resampling.LANCZOS)

    def _encoded(self, drawn: Picture, kind: str) -> bytes:
        out = BytesIO()
        profile = drawn.info.get("icc_profile")
        if kind == "JPEG":
            drawn.save(out, "JPEG", quality=JPEG_QUALITY, icc_profile=profile)
        else:
            if drawn.mode == "CMYK":
                drawn, profile = drawn.convert("RGB"), None
            drawn.save(out, "PNG", icc_profile=profile)
        return out.getvalue()


# What Pillow raises on files that are not what they say.
_BROKEN = (
    OSError,
    SyntaxError,
    ValueError,
    LookupError,
    TypeError,
    ArithmeticError,
    AttributeError,
    EOFError,
    RuntimeError,
    struct.error,
)


def _is_transparent(drawn: Picture) -> bool:
    return drawn.mode == "RGBA"


def _pixels(size: tuple[int, int]) -> str:
    """Return a size for people.

    >>> _pixels((9000, 6000))
    '9,000 × 6,000'
    """
    return f"{size[0]:,} × {size[1]:,}"


def _below(size: tuple[int, int], pixels: int) -> tuple[int, int]:
    """Return the largest size of the same shape that has fewer than *pixels*.

    >>> _below((9000, 6000), 36_152_320)
    (7363, 4909)
    >>> _below((1, 40_000_000), 36_152_320)
    (1, 36152319)
    """
    width, height = size
    most = pixels - 1
    wide = max(1, isqrt(width * most // height))
    high = max(1, isqrt(height * most // width))
    if wide > high:
        return min(wide, most // high), high
    return wide, min(high, most // wide)
