"""Logos: by content and not by name, small, drawn anew, with nothing of the file left in them."""

from io import BytesIO

import pytest
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from surveys.lib.errors import Invalid
from surveys.settings import logos
from tests.settings.pictures import bomb, encoded, noise, picture

SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'


def opened(png: bytes) -> Image.Image:
    return Image.open(BytesIO(png))


@pytest.mark.parametrize(
    ("form", "mode"), [("PNG", "RGBA"), ("JPEG", "RGB"), ("WEBP", "RGBA"), ("GIF", "P"), ("JPEG", "CMYK")]
)
def test_every_usual_format_becomes_a_small_png(form, mode):
    data = encoded(opened(picture()).convert("P"), form) if mode == "P" else picture(form, mode=mode)
    kept = opened(logos.small(data))
    assert (kept.format, kept.width <= 400, kept.height <= 80) == ("PNG", True, True)


@pytest.mark.parametrize("size", [(800, 160), (3000, 200), (200, 900), (40, 20)])
def test_it_fits_its_place_without_being_stretched(size):
    png = logos.small(picture(size=size, mode="RGB"))
    kept = opened(png)
    assert kept.width <= 400 and kept.height <= 80
    assert kept.width / kept.height == pytest.approx(size[0] / size[1], rel=0.1)
    width, height = logos.shown_size(png)
    assert width <= 200 and height <= 40 and width <= kept.width


def test_a_photograph_is_made_small_enough_for_a_page_in_one_go():
    """A-30: 6 kB as a data URI, whatever it was."""
    dots = Image.linear_gradient("L").resize((1200, 400)).convert("RGB")
    assert len(logos.small(encoded(dots, "JPEG"))) <= logos.MOST_BYTES


def test_what_no_palette_makes_small_is_drawn_plainly():
    kept = logos.small(noise())
    assert len(kept) <= logos.MOST_BYTES
    assert opened(kept).width == 200


def test_nothing_but_the_picture_is_kept():
    """Where and by whom a photograph was taken, and whatever somebody hid in it."""
    exif = Image.Exif()
    exif[0x010E] = "SECRET place"
    hidden = PngInfo()
    hidden.add_text("Comment", "SECRET <script>alert(1)</script>")
    files = [
        picture("JPEG", mode="RGB", exif=exif.tobytes(), comment=b"SECRET"),
        picture("PNG", pnginfo=hidden, exif=exif.tobytes(), icc_profile=b"SECRET profile"),
        picture("PNG") + b"SECRET <?php ?>",
    ]
    for data in files:
        kept = logos.small(data)
        assert b"SECRET" in data and b"SECRET" not in kept
        assert opened(kept).info.keys() <= {"transparency"}


def test_a_picture_taken_sideways_is_put_upright():
    exif = Image.Exif()
    exif[0x0112] = 6  # turned by 90 degrees
    kept = opened(logos.small(picture("JPEG", size=(160, 800), mode="RGB", exif=exif.tobytes())))
    assert kept.width > kept.height


def test_the_empty_margin_is_cut_off():
    drawn = Image.new("RGBA", (1000, 1000))
    drawn.paste((11, 85, 99, 255), (400, 450, 600, 490))
    kept = opened(logos.small(encoded(drawn, "PNG")))
    assert (kept.width, kept.height) == (200, 40)


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (SVG, "cannot|not a picture"),
        (b"", "not a picture"),
        (b"GIF89a", "not a picture"),
        (picture()[:200], "not a picture"),
        (encoded(Image.new("RGB", (9, 9)), "BMP"), "not a picture"),
        (encoded(Image.new("RGB", (9, 9)), "TIFF"), "not a picture"),
        (bomb(), "not a picture|too many pixels"),
        (bomb(6000, 6000), "too many pixels"),
        (b"x" * (logos.LARGEST + 1), "larger than 2 MB"),
        (encoded(Image.new("RGBA", (9, 9)), "PNG"), "empty"),
    ],
)  # fmt: skip
def test_what_is_no_logo_is_refused_in_words(data, says):
    with pytest.raises(Invalid, match=says):
        logos.small(data)
