"""Images: what is sent as it is, what is changed and says so, and what is refused."""

from __future__ import annotations

import contextlib
import hashlib
import io
import os
import struct
import sys
import warnings
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image as Pillow
from PIL import ImageChops, ImageStat, PngImagePlugin

from postkit.errors import MediaError
from postkit.publishers.base import Image
from postkit.publishers.images import LINKEDIN, prepare

SMALL = LINKEDIN._replace(pixels=100 * 100)


def picture(mode: str = "RGB", size: tuple[int, int] = (40, 30)) -> Pillow.Image:
    grey = Pillow.linear_gradient("L").resize(size)
    return Pillow.merge("RGB", (grey, grey.rotate(180), ImageChops.invert(grey))).convert(mode)


def written(image: Pillow.Image, kind: str, **options: object) -> bytes:
    out = io.BytesIO()
    image.save(out, kind, **options)
    return out.getvalue()


def opened(image: Image) -> Pillow.Image:
    found = Pillow.open(io.BytesIO(image.data))
    found.load()
    return found


def difference(one: Pillow.Image, other: Pillow.Image) -> float:
    return max(ImageStat.Stat(ImageChops.difference(one.convert("RGB"), other.convert("RGB"))).mean)


Prepared = Callable[..., Image]


@pytest.fixture
def prepared(tmp_path: Path) -> Prepared:
    def prepare_it(
        data: bytes, name: str = "a.png", alt: str = "A pot", **options: object
    ) -> Image:
        (tmp_path / name).write_bytes(data)
        return prepare(tmp_path / name, shown=name, alt=alt, root=tmp_path, **options)

    return prepare_it


# ---------------------------------------------------------------------------------------------
# Sent as it is


@pytest.mark.parametrize(
    ("kind", "mode", "media_type"),
    [
        ("JPEG", "RGB", "image/jpeg"),
        ("JPEG", "L", "image/jpeg"),
        ("JPEG", "CMYK", "image/jpeg"),
        ("PNG", "RGB", "image/png"),
        ("PNG", "RGBA", "image/png"),
        ("PNG", "P", "image/png"),
        ("PNG", "I;16", "image/png"),
        ("GIF", "P", "image/gif"),
        ("MPO", "RGB", "image/jpeg"),
    ],
)
def test_what_linkedin_takes_is_sent_byte_for_byte(
    kind: str, mode: str, media_type: str, prepared: Prepared
) -> None:
    data = written(Pillow.new("I;16", (4, 4)) if mode == "I;16" else picture(mode), kind)
    assert prepared(data, "pot.bin") == Image(
        "pot.bin", "A pot", media_type, data, hashlib.sha256(data).hexdigest()
    )


def test_a_jpeg_with_a_second_view_is_a_jpeg(prepared: Prepared) -> None:
    data = written(picture(), "MPO", save_all=True, append_images=[picture("L").convert("RGB")])
    assert prepared(data).media_type == "image/jpeg"
    assert prepared(data).data == data


def test_the_content_says_what_it_is_and_not_the_name(prepared: Prepared) -> None:
    assert prepared(written(picture(), "PNG"), "a.jpg").media_type == "image/png"


def test_an_apng_of_one_frame_is_still(prepared: Prepared) -> None:
    data = written(picture(), "PNG", save_all=True)
    assert prepared(data).data == data


# ---------------------------------------------------------------------------------------------
# Converted


@pytest.mark.parametrize(
    ("kind", "shown", "options"),
    [
        ("WEBP", "WebP", {"lossless": True}),
        ("AVIF", "AVIF", {"quality": 100}),
        ("BMP", "BMP", {}),
        ("TIFF", "TIFF", {}),
    ],
)
def test_other_formats_are_converted(
    kind: str, shown: str, options: dict[str, object], prepared: Prepared
) -> None:
    image = prepared(written(picture(), kind, **options), "a.x")
    assert (image.media_type, image.note) == ("image/jpeg", f"converted from {shown} to JPEG")
    assert image.digest == hashlib.sha256(image.data).hexdigest()
    assert opened(image).format == "JPEG"
    assert difference(opened(image), picture()) < 4


@pytest.mark.parametrize("kind", ["WEBP", "AVIF", "TIFF"])
def test_transparency_is_kept(kind: str, prepared: Prepared) -> None:
    seen = picture("RGBA")
    seen.putalpha(Pillow.linear_gradient("L").resize(seen.size))
    image = prepared(written(seen, kind))
    assert image.media_type == "image/png"
    assert image.note.endswith(" to PNG")
    assert opened(image).mode == "RGBA"
    assert opened(image).getchannel("A").getextrema() != (255, 255)


def test_transparency_that_nobody_sees_is_none(prepared: Prepared) -> None:
    assert prepared(written(picture("RGBA"), "WEBP")).media_type == "image/jpeg"


@pytest.mark.parametrize("mode", ["1", "L", "P", "CMYK", "YCbCr", "I;16", "LAB"])
def test_colours_of_every_kind(mode: str, prepared: Prepared) -> None:
    if mode == "I;16":
        seen = picture("L").convert("I").point(lambda value: value * 257).convert("I;16")
    elif mode == "LAB":
        seen = Pillow.new("LAB", (8, 8))
    else:
        seen = picture(mode)
    image = prepared(written(seen, "TIFF"))
    assert image.media_type == "image/jpeg"
    if mode == "I;16":
        assert difference(opened(image), picture("L")) < 4


def test_a_photograph_is_turned_upright_when_it_is_converted(prepared: Prepared) -> None:
    exif = Pillow.Exif()
    exif[0x0112] = 6  # turn it by 90 degrees
    image = prepared(written(picture(size=(40, 30)), "WEBP", exif=exif))
    assert opened(image).size == (30, 40)
    assert not opened(image).getexif()


def test_colours_keep_their_profile(prepared: Prepared) -> None:
    image = prepared(written(picture(), "WEBP", icc_profile=b"a profile"))
    assert opened(image).info["icc_profile"] == b"a profile"


# ---------------------------------------------------------------------------------------------
# Scaled


@pytest.mark.parametrize(
    ("kind", "media_type"), [("JPEG", "image/jpeg"), ("PNG", "image/png"), ("GIF", "image/png")]
)
def test_too_many_pixels_are_scaled_down(kind: str, media_type: str, prepared: Prepared) -> None:
    mode = "P" if kind == "GIF" else "RGB"
    image = prepared(written(picture(mode, (300, 200)), kind), taken=SMALL)
    assert image.note == "scaled from 300 × 200 to 122 × 81 pixels"
    assert opened(image).size == (122, 81)
    assert image.media_type == media_type
    assert difference(opened(image), picture("RGB", (122, 81))) < 12


def test_exactly_the_limit_is_too_many(prepared: Prepared) -> None:
    assert prepared(written(picture(size=(100, 100)), "PNG"), taken=SMALL).note
    assert not prepared(written(picture(size=(101, 99)), "PNG"), taken=SMALL).note


@pytest.mark.parametrize("size", [(20_000, 1), (1, 20_000), (5000, 2), (9999, 2), (3, 9000)])
def test_of_any_shape(size: tuple[int, int], prepared: Prepared) -> None:
    image = prepared(written(Pillow.new("L", size), "PNG"), taken=SMALL)
    wide, high = opened(image).size
    assert 0 < wide * high < SMALL.pixels


def test_converted_scaled_and_turned(prepared: Prepared) -> None:
    exif = Pillow.Exif()
    exif[0x0112] = 8
    image = prepared(written(picture(size=(300, 200)), "WEBP", exif=exif), taken=SMALL)
    assert image.note == "converted from WebP to JPEG, scaled from 200 × 300 to 81 × 122 pixels"


def test_linkedin_for_real(prepared: Prepared) -> None:
    image = prepared(written(Pillow.new("1", (9000, 6000)), "PNG"))
    assert image.note == "scaled from 9,000 × 6,000 to 7,363 × 4,909 pixels"


def test_the_same_bytes_every_time(prepared: Prepared) -> None:
    for kind in ("WEBP", "TIFF", "PNG"):
        data = written(picture("RGBA", (300, 200)), kind)
        assert prepared(data, taken=SMALL) == prepared(data, taken=SMALL)


# ---------------------------------------------------------------------------------------------
# Refused


def _svg() -> bytes:
    return b'<?xml version="1.0"?>\n<svg xmlns="http://www.w3.org/2000/svg"/>'


@pytest.mark.parametrize(
    ("data", "what"),
    [
        (_svg(), "SVG"),
        (b"\xef\xbb\xbf <svg/>", "SVG"),
        (b"%PDF-1.7\n", "a PDF"),
        (b"<!doctype html><p>Not found", "a web page"),
        (b"PK\x03\x04zip", "a ZIP archive or a document"),
        (b"\0\0\0\x18ftypheic\0\0\0\0", "HEIC"),
        (b"\0\0\0\x18ftypisom\0\0\0\0", "a film"),
        (b"Just text.", ""),
        (b"\0", ""),
        (b"version https://git-lfs.github.com/spec/v1\n", ""),
        (b"RIFF\0\0\0\0WAVEfmt ", ""),
    ],
)
def test_what_is_no_image_that_linkedin_takes(data: bytes, what: str, prepared: Prepared) -> None:
    is_what = f"{what}, " if what else ""
    with pytest.raises(MediaError) as refused:
        prepared(data)
    assert refused.value.message == f"`a.png` is {is_what}not an image that LinkedIn takes"
    assert refused.value.hint == "save it as PNG or JPEG"
    assert refused.value.exit_code == 3


@pytest.mark.parametrize("kind", ["GIF", "WEBP", "PNG", "AVIF"])
def test_films_are_refused(kind: str, prepared: Prepared) -> None:
    other = picture().rotate(90)
    data = written(picture(), kind, save_all=True, append_images=[other], duration=100)
    with pytest.raises(MediaError, match="is animated") as refused:
        prepared(data)
    assert refused.value.hint == "save one frame of it as PNG or JPEG"


def test_several_pages_are_refused(prepared: Prepared) -> None:
    data = written(picture(), "TIFF", save_all=True, append_images=[picture()])
    with pytest.raises(MediaError, match="has several pages"):
        prepared(data)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "GIF", "WEBP", "AVIF", "BMP", "TIFF"])
@pytest.mark.parametrize("part", [0.02, 0.3, 0.5, 0.9])
def test_half_an_image_is_refused(kind: str, part: float, prepared: Prepared) -> None:
    noise = Pillow.effect_noise((90, 70), 90)
    data = written(noise.convert("P" if kind == "GIF" else "RGB"), kind)
    with pytest.raises(MediaError, match=r"is damaged|not an image"):
        prepared(data[: max(20, int(len(data) * part))])


def test_a_png_without_its_end_is_refused(prepared: Prepared) -> None:
    data = written(picture(), "PNG")
    with pytest.raises(MediaError, match="is damaged"):
        prepared(data[:-12])


def test_a_wrong_checksum_is_refused(prepared: Prepared) -> None:
    data = bytearray(written(picture(), "PNG"))
    data[data.index(b"IDAT") + 8] ^= 1
    with pytest.raises(MediaError, match="is damaged"):
        prepared(bytes(data))


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "GIF", "WEBP", "AVIF", "BMP", "TIFF"])
def test_damage_raises_nothing_else(kind: str, prepared: Prepared) -> None:
    data = written(picture("P" if kind == "GIF" else "RGB"), kind)
    for at in range(0, min(len(data), 400), 3):
        broken = bytearray(data)
        broken[at] ^= 0xFF
        with contextlib.suppress(MediaError):
            prepared(bytes(broken), taken=SMALL)


def _bomb(width: int, height: int) -> bytes:
    small = written(Pillow.new("1", (8, 8)), "PNG")
    at = small.index(b"IHDR")
    head = b"IHDR" + struct.pack(">II", width, height) + small[at + 12 : at + 17]
    return small[:at] + head + struct.pack(">I", zlib.crc32(head)) + small[at + 21 :]


def test_a_bomb_is_refused_before_it_goes_off(prepared: Prepared) -> None:
    with pytest.raises(MediaError, match=r"has 50,000 × 50,000 pixels; 400,000,000 are read"):
        prepared(_bomb(50_000, 50_000))


def test_a_size_that_is_large_and_wrong_raises_no_warning(prepared: Prepared) -> None:
    with pytest.raises(MediaError, match="is damaged"):
        prepared(_bomb(10_000, 10_000))  # Pillow's own warning begins at 89 million


def test_warnings_do_not_leak(prepared: Prepared) -> None:
    seen = picture("P")
    seen.info["transparency"] = bytes(range(256))
    data = written(seen, "PNG")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert opened(prepared(data, taken=SMALL._replace(pixels=100))).size[0] < 40


def test_texts_in_a_png_cannot_fill_the_memory(prepared: Prepared) -> None:
    info = PngImagePlugin.PngInfo()
    for n in range(80):
        info.add_text(f"k{n}", "x" * 1_000_000, zip=True)
    with pytest.raises(MediaError, match="is damaged"):
        prepared(written(picture(), "PNG", pnginfo=info))


def test_the_alternative_text_has_a_limit(prepared: Prepared) -> None:
    data = written(picture(), "PNG")
    assert prepared(data, alt="a" * 4086).alt == "a" * 4086
    with pytest.raises(MediaError, match=r"`a.png` has 4,087 characters, and LinkedIn takes 4,086"):
        prepared(data, alt="a" * 4087)


# ---------------------------------------------------------------------------------------------
# Files


def refused(path: Path, root: Path, **options: object) -> MediaError:
    with pytest.raises(MediaError) as caught:
        prepare(path, shown="img/a.png", alt="", root=root, **options)
    assert "`img/a.png`" in caught.value.message
    return caught.value


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    assert "is not there" in refused(tmp_path / "a.png", tmp_path).message
    assert "is not there" in refused(tmp_path / "a.png" / "b", tmp_path).message


def test_a_folder_and_an_empty_file(tmp_path: Path) -> None:
    assert "is a folder" in refused(tmp_path, tmp_path).message
    (tmp_path / "a.png").touch()
    assert "is empty" in refused(tmp_path / "a.png", tmp_path).message


def test_a_file_that_is_too_large(tmp_path: Path) -> None:
    path = tmp_path / "a.png"
    path.write_bytes(b"x" * 2_000_000)
    message = refused(path, tmp_path, most_bytes=1024 * 1024).message
    assert message == "the image `img/a.png` is larger than 1 MB"
    os.truncate(path, 201 * 1024 * 1024)  # has holes, and takes no room
    assert "200 MB" in refused(path, tmp_path).message


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such files")
def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "a.png")
    assert "no ordinary file" in refused(tmp_path / "a.png", tmp_path).message


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may read all")
def test_a_file_that_may_not_be_read(tmp_path: Path) -> None:
    path = tmp_path / "a.png"
    path.write_bytes(b"x")
    path.chmod(0)
    assert "cannot be read" in refused(path, tmp_path).message


def test_a_name_that_no_file_has(tmp_path: Path) -> None:
    assert "no file can be called" in refused(tmp_path / "a\0.png", tmp_path).message


def test_outside_of_the_site(tmp_path: Path) -> None:
    site = tmp_path / "site"
    (site / "img").mkdir(parents=True)
    (tmp_path / "sitemap").mkdir()
    data = written(picture(), "PNG")
    for name in ("secret.png", "sitemap/a.png", "site/img/a.png"):
        (tmp_path / name).write_bytes(data)
    for name in ("../secret.png", "img/../../secret.png", "../sitemap/a.png", "../missing.png"):
        error = refused(site / name, site)
        assert "lies outside of the folder" in error.message
        assert str(site) in error.message
    (site / "link.png").symlink_to(tmp_path / "secret.png")
    assert "outside" in refused(site / "link.png", site).message
    (site / "folder").symlink_to(tmp_path)
    assert "outside" in refused(site / "folder" / "secret.png", site).message
    (site / "inside.png").symlink_to(site / "img" / "a.png")
    (tmp_path / "other").symlink_to(site)
    for path, root in [
        (site / "img" / "a.png", site),
        (site / "inside.png", site),
        (site / "img" / ".." / "img" / "a.png", site),
        (tmp_path / "other" / "img" / "a.png", site),
        (site / "img" / "a.png", tmp_path / "other"),
    ]:
        assert prepare(path, shown="a.png", alt="", root=root).data == data


def test_a_loop_of_links(tmp_path: Path) -> None:
    (tmp_path / "a.png").symlink_to(tmp_path / "b.png")
    (tmp_path / "b.png").symlink_to(tmp_path / "a.png")
    assert refused(tmp_path / "a.png", tmp_path)
