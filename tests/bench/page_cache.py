"""The kernel's copy of files in memory: let go of, and counted."""
import ctypes
import mmap
import os

LIBC = ctypes.CDLL(None, use_errno=True)
LIBC.mincore.argtypes = (ctypes.c_void_p, ctypes.c_size_t, ctypes.c_char_p)


def files_of(path):
    if os.path.isfile(path):
        return [path]
    return [os.path.join(folder, name) for folder, _, names in os.walk(path) for name in names]


def forget(path):
    """Pages of a file or folder that nobody has mapped leave memory. What the file system keeps in memory alone stays."""
    for name in files_of(path):
        with open(name, "rb") as file:
            os.fsync(file.fileno())
            os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)


def cached_bytes(path):
    """How much of a file or folder is in memory. Looking at it reads nothing."""
    return sum(cached_bytes_of_file(name) for name in files_of(path))


def cached_bytes_of_file(name):
    size = os.path.getsize(name)
    if size == 0:
        return 0
    pages = -(-size // mmap.PAGESIZE)
    is_there = ctypes.create_string_buffer(pages)
    with open(name, "rb") as file, mmap.mmap(file.fileno(), size, mmap.MAP_PRIVATE, mmap.PROT_READ | mmap.PROT_WRITE) as map_:
        first = ctypes.c_char.from_buffer(map_)
        failed = LIBC.mincore(ctypes.addressof(first), size, is_there)
        del first                                    # or the map could not be closed
    if failed:
        raise OSError(ctypes.get_errno(), "mincore", name)
    return sum(byte & 1 for byte in is_there.raw[:pages]) * mmap.PAGESIZE
