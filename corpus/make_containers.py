#!/usr/bin/env python3
"""Makes the files of corpus/sample/ that are not plain UTF-8 out of corpus/containers/, where people can read and edit
them: the tar, the zip, the compressed ones, the UTF-16 and the Windows-1252 ones.

    make_containers.py            writes them
    make_containers.py --check    says which of them no longer hold what the sources say; status 1 when one does not

Times, owners and order are fixed, so that the same sources give the same files (as far as the compression libraries do
not change; --check compares what is inside). Only .zst needs a program besides Python: zstd; without it that one file is
left as it is.
"""
import bz2
import gzip
import io
import lzma
import os
import shutil
import struct
import subprocess
import sys
import tarfile
import zipfile
import zlib

HERE = os.path.dirname(os.path.abspath(__file__))
SOURCES = os.path.join(HERE, "containers")
SAMPLE = os.path.join(HERE, "sample")
TIME = 1704067200            # 2024-01-01T00:00:00Z, the time of every member
ZIP_TIME = (2024, 1, 1, 0, 0, 0)


def read(name):
    with open(os.path.join(SOURCES, name), "rb") as file:
        return file.read()


def members(folder):
    """(name in the container, bytes) of every file under a folder of the sources, in order."""
    found = []
    for path, folders, names in os.walk(os.path.join(SOURCES, folder)):
        folders.sort()
        for name in names:
            full = os.path.join(path, name)
            found.append((os.path.relpath(full, SOURCES).replace(os.sep, "/"), read(full)))
    return sorted(found)


def tiny_picture():
    """A PNG of one pixel: something in an archive that is not a review."""
    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
    header = struct.pack(">IIBBBBB", 1, 1, 8, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(b"\0\x80")) + chunk(b"IEND", b"")


def make_tar(folder):
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=tarfile.USTAR_FORMAT) as tar:
        for name, data in members(folder):
            info = tarfile.TarInfo(name)
            info.size, info.mtime, info.mode = len(data), TIME, 0o644
            tar.addfile(info, io.BytesIO(data))
    return out.getvalue()


def open_tar(data):
    with tarfile.open(fileobj=io.BytesIO(data)) as tar:
        return [(info.name, tar.extractfile(info).read()) for info in tar]


def make_zip(folder):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as box:
        for name, data in members(folder) + [(folder + "/cover.png", tiny_picture())]:
            info = zipfile.ZipInfo(name, ZIP_TIME)
            info.compress_type, info.external_attr, info.create_system = zipfile.ZIP_DEFLATED, 0o644 << 16, 3
            box.writestr(info, data)
    return out.getvalue()


def open_zip(data):
    with zipfile.ZipFile(io.BytesIO(data)) as box:
        return [(name, box.read(name)) for name in box.namelist() if not name.endswith(".png")]


def zstd(data, *options):
    """The output of the zstd program, or None where there is none."""
    if not shutil.which("zstd"):
        return None
    return subprocess.run(["zstd", "-q", "-c", *options], input=data, stdout=subprocess.PIPE, check=True).stdout


def utf16(data):
    return b"\xff\xfe" + data.decode("utf-8").encode("utf-16-le")


def cp1252(data):
    return data.decode("utf-8").encode("cp1252")


# file of the sample: its source, how it is made of the source's bytes, how they are got back out of it
FILES = {
    "boxes/bikes.jsonl.gz": ("bikes.jsonl", lambda data: gzip.compress(data, 9, mtime=TIME), gzip.decompress),
    "boxes/museums.csv.bz2": ("museums.csv", bz2.compress, bz2.decompress),
    "boxes/trains.lines.xz": ("trains.lines", lzma.compress, lzma.decompress),
    "boxes/toys.jsonl.zst": ("toys.jsonl", lambda data: zstd(data, "-19", "--check"), lambda data: zstd(data, "-d")),
    "books/klassiker-utf16.csv": ("klassiker.utf8.csv", utf16, lambda data: data.decode("utf-16").encode("utf-8")),
    "hotels/alps/pension_enzianblick": ("pension_enzianblick.utf8", cp1252,
                                        lambda data: data.decode("cp1252").encode("utf-8")),
    "web/old-forum-page.htm": ("old-forum-page.utf8.htm", cp1252, lambda data: data.decode("cp1252").encode("utf-8")),
}
BOXES = {"boxes/games.tar": ("games", make_tar, open_tar), "boxes/cameras.zip": ("cameras", make_zip, open_zip)}


def write(name, data):
    if data is None:
        print("make_containers.py: zstd is not installed: left as it is: " + name, file=sys.stderr)
        return
    path = os.path.join(SAMPLE, name)
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "wb") as file:
        file.write(data)


def is_current(name, wanted, opened):
    """Whether the file of the sample holds what its source says; one that cannot be opened here is passed over."""
    with open(os.path.join(SAMPLE, name), "rb") as file:
        found = opened(file.read())
    if found is None:
        print("make_containers.py: zstd is not installed: not checked: " + name, file=sys.stderr)
        return True
    if found != wanted:
        print("make_containers.py: not what corpus/containers/ says: " + name, file=sys.stderr)
    return found == wanted


def main():
    if sys.argv[1:] == ["--check"]:
        current = [is_current(name, read(source), opened) for name, (source, _, opened) in FILES.items()]
        current += [is_current(name, members(folder), opened) for name, (folder, _, opened) in BOXES.items()]
        return 0 if all(current) else 1
    if sys.argv[1:]:
        print(__doc__, file=sys.stderr)
        return 2
    for name, (source, make, _) in FILES.items():
        write(name, make(read(source)))
    for name, (folder, make, _) in BOXES.items():
        write(name, make(folder))
    return 0


if __name__ == "__main__":
    sys.exit(main())
