"""Makes the images beside this script and images.json, what Pillow reads in them.

Written with Python 3.11 and Pillow 13.0. Run in this folder: python make_images.py
"""
import base64
import io
import json
import struct
import zlib

from PIL import Image, ImageCms, ImageOps

W, H = 24, 16
WAY = 0x0112


def smooth(mode):
    image = Image.new("RGB", (W, H))
    for y in range(H):
        for x in range(W):
            image.putpixel((x, y), (10 * x, 15 * y, 120 + 5 * x - 7 * y))
    if mode in ("RGBA", "LA"):
        alpha = Image.new("L", (W, H))
        alpha.putdata([min(255, 17 * (x % 16)) for _ in range(H) for x in range(W)])
        image = image.convert(mode)
        image.putalpha(alpha)
        return image
    return image.convert(mode)


def way(orientation):
    exif = Image.Exif()
    exif[WAY] = orientation
    exif[0x010F] = "a camera"
    return exif.tobytes()


def png(name, width, height, depth, kind, rows, before=b""):
    def chunk(type, data):
        return struct.pack(">I", len(data)) + type + data + struct.pack(">I", zlib.crc32(type + data))

    body = zlib.compress(b"".join(b"\0" + row for row in rows))
    with open(name, "wb") as f:
        f.write(b"\x89PNG\r\n\x1a\n")
        f.write(chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, depth, kind, 0, 0, 0)))
        f.write(before + chunk(b"IDAT", body) + chunk(b"IEND", b""))
    return chunk


def tiff(name, width, height, bits, extra, pixels):
    """RGB and a fourth sample; ``extra`` says what that is: 0 something, 1 associated alpha."""
    tags = [
        (256, width), (257, height), (258, 0), (259, 1), (262, 2), (273, 0), (277, 4), (278, height),
        (279, 4 * width * height * bits // 8), (338, extra),
    ]
    behind = 8 + 2 + 12 * len(tags) + 4
    with open(name, "wb") as f:
        f.write(struct.pack("<2sHIH", b"II", 42, 8, len(tags)))
        for tag, value in tags:
            count, value = {258: (4, behind), 273: (1, behind + 8)}.get(tag, (1, value))
            f.write(struct.pack("<HHII", tag, 3, count, value))
        f.write(struct.pack("<I4H", 0, *[bits] * 4))
        f.write(b"".join(struct.pack("<4" + ("B" if bits == 8 else "H"), *p) for p in pixels))


srgb = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
grey_profile = srgb[:16] + b"GRAY" + srgb[20:]
rgb = smooth("RGB")

rgb.save("rgb.png", icc_profile=srgb, exif=way(6), dpi=(300, 300))
smooth("RGBA").save("rgba.png", icc_profile=srgb)
smooth("LA").save("la.png")
smooth("L").save("grey.png", icc_profile=grey_profile)
smooth("1").save("grey1.png")
smooth("P").save("palette.png")
clear = smooth("P")
clear.save("palette_clear.png", transparency=clear.getpixel((3, 3)))
rgb.save("rgb_clear.png", transparency=rgb.getpixel((3, 3)))
deep = [[(2000 * x, 4000 * y, 65535 - 2000 * x) for x in range(W)] for y in range(H)]
png("rgb16.png", W, H, 16, 2, [b"".join(struct.pack(">HHH", *p) for p in row) for row in deep])
png("grey16.png", W, H, 16, 0, [b"".join(struct.pack(">H", p[0]) for p in row) for row in deep])

rgb.save("rgb.jpg", quality=92, icc_profile=srgb, exif=way(6), subsampling=0)
rgb.save("progressive.jpg", quality=92, progressive=True, exif=way(3), subsampling=0)
smooth("L").save("grey.jpg", quality=92, icc_profile=grey_profile)
smooth("CMYK").save("cmyk.jpg", quality=95)

rgb.save("lossless.webp", lossless=True, icc_profile=srgb, exif=way(8))
smooth("RGBA").save("rgba.webp", lossless=True, exact=True)
rgb.save("lossy.webp", quality=90)

rgb.save("rgb.tif", compression="tiff_lzw", icc_profile=srgb, tiffinfo={WAY: 6})
smooth("L").save("grey.tif")
smooth("RGBA").save("rgba.tif")
smooth("P").save("palette.tif")
clean = list(smooth("RGBA").getdata())
associated = [(*((c * p[3] + 127) // 255 for c in p[:3]), p[3]) for p in clean]
tiff("associated.tif", W, H, 8, 1, associated)
tiff("associated16.tif", W, H, 16, 1, [tuple(257 * v for v in p) for p in associated])
tiff("infrared.tif", W, H, 8, 0, clean)

smooth("P").save("still.gif")
clear.save("still_clear.gif", transparency=clear.getpixel((3, 3)))
rgb.save("rgb.bmp")
smooth("P").save("palette.bmp")

frames = [ImageOps.invert(rgb).quantize(16), rgb.quantize(16)]
frames[0].save("animated.gif", save_all=True, append_images=frames[1:])
rgb.save("animated.png", save_all=True, append_images=[ImageOps.invert(rgb)])
rgb.save("animated.webp", save_all=True, append_images=[ImageOps.invert(rgb)])
rgb.save("pages.tif", save_all=True, append_images=[ImageOps.invert(rgb)])

sound = io.BytesIO()
rgb.save(sound, "png")
png("empty_width.png", 0, H, 8, 2, [b""] * H)
with open("truncated.png", "wb") as f:
    f.write(sound.getvalue()[:-40])
with open("rgb.jpg", "rb") as f:
    jpeg = f.read()
with open("truncated.jpg", "wb") as f:
    f.write(jpeg[:-40])

stated = {}
for name in """rgb.png rgba.png la.png grey.png grey1.png palette.png palette_clear.png rgb_clear.png rgb.jpg
        progressive.jpg grey.jpg cmyk.jpg lossless.webp rgba.webp lossy.webp rgb.tif grey.tif rgba.tif
        palette.tif associated.tif associated16.tif infrared.tif still.gif still_clear.gif rgb.bmp palette.bmp""".split():
    image = Image.open(name)
    upright = ImageOps.exif_transpose(image).convert("RGBA")
    white = Image.new("RGBA", upright.size, "white")
    stored = image.convert("RGBA")
    stated[name] = {
        "stored": base64.b64encode(stored.tobytes()).decode(),
        "upright": base64.b64encode(Image.alpha_composite(white, upright).convert("RGB").tobytes()).decode(),
        "width": upright.width,
        "orientation": image.getexif().get(WAY, 1),
        "profile": len(image.info.get("icc_profile", b"")),
    }
with open("images.json", "w") as f:
    json.dump(stated, f, indent=1)
