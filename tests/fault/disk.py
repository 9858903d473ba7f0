"""disk.py - a disk that loses power, built from the log of fault_shim.c.

What a program did below one folder is replayed in memory up to some moment. What was synced by then is there. Of what was
not, a random part is: each write may be missing, or be there in some of its sectors only; each change of a folder's names
(made, renamed, unlinked) may be missing until the folder itself was synced, whatever became of the files' contents. That
is less than any file system promises that keeps its own order, and as much as POSIX promises at all.
"""

import os
import random
import struct

SECTOR = 512
HEAD = struct.Struct("<BQQII")


def read_log(path):
    """The changes in order: (kind, inode, number, a, b)."""
    with open(path, "rb") as file:
        data = file.read()
    changes, at = [], 0
    while at < len(data):
        kind, inode, number, a_size, b_size = HEAD.unpack_from(data, at)
        at += HEAD.size
        a = data[at : at + a_size]
        b = data[at + a_size : at + a_size + b_size]
        at += a_size + b_size
        changes.append((chr(kind), inode, number, a, b))
    return changes


class File:
    """A file's bytes as they are for sure, and what was done to them since."""

    def __init__(self, content=b""):
        self.content = bytearray(content)
        self.pending = []  # ("w", offset, data) or ("t", size)

    def apply(self, change):
        if change[0] == "t":
            size = change[1]
            del self.content[size:]
            self.content.extend(bytes(size - len(self.content)))
            return
        _, offset, data = change
        if offset > len(self.content):
            self.content.extend(bytes(offset - len(self.content)))
        self.content[offset : offset + len(data)] = data

    def sync(self):
        for change in self.pending:
            self.apply(change)
        self.pending = []

    def lose(self, chance):
        """Decides what of the pending changes the disk got."""
        for change in self.pending:
            fate = chance.random()
            if fate < 0.4:
                continue
            if change[0] == "w" and fate < 0.6:
                self.apply_sectors(change, chance)
            else:
                self.apply(change)
        self.pending = []

    def apply_sectors(self, change, chance):
        _, offset, data = change
        at = 0
        while at < len(data):
            size = min(SECTOR - (offset + at) % SECTOR, len(data) - at)
            if chance.random() < 0.5:
                self.apply(("w", offset + at, data[at : at + size]))
            at += size


def inodes_below(folder):
    """{inode: path} of the files there."""
    paths = [os.path.join(path, name) for path, _, names in os.walk(folder) for name in names]
    return {os.stat(path).st_ino: path for path in paths}


class Disk:
    """Everything below one folder, which is there for sure. inodes: those that the log has for what was there before it."""

    def __init__(self, folder, inodes):
        self.folder = folder
        self.names = {}  # path -> File, or None for a folder, as the disk has them for sure
        self.seen = {}  # the same, as programs see them
        self.pending = []  # changes of names: (folder, kind, path, other, file)
        self.open = {}  # inode -> File
        for path, _, files in os.walk(folder):
            self.names[path] = None
            for name in files:
                full = os.path.join(path, name)
                with open(full, "rb") as file:
                    self.names[full] = File(file.read())
        for inode, path in inodes.items():
            self.open[inode] = self.names[path]
        self.seen = dict(self.names)

    def change_name(self, kind, path, other=None, file=None):
        self.pending.append((kind, path, other, file))
        apply_name(self.seen, kind, path, other, file)

    def replay(self, change):
        kind, inode, number, a, b = change
        if kind == "o":
            path = a.decode()
            if number == 1:
                self.open[inode] = File()
                self.change_name("o", path, None, self.open[inode])
            else:
                self.open.setdefault(inode, self.seen[path]).pending.append(("t", 0))
        elif kind in "wW":
            file = self.open[inode]
            if kind == "W":
                file.apply(("w", number, a))
            else:
                file.pending.append(("w", number, a))
        elif kind == "t":
            self.open[inode].pending.append(("t", number))
        elif kind == "s":
            self.sync(inode, a.decode())
        elif kind == "r":
            self.change_name("r", a.decode(), b.decode())
        else:
            self.change_name(kind, a.decode())

    def sync(self, inode, path):
        if self.seen.get(path, self) is not None:
            if inode in self.open:
                self.open[inode].sync()
            return
        rest = []
        for pending in self.pending:
            kind, name, other, file = pending
            if os.path.dirname(name) == path:
                apply_name(self.names, kind, name, other, file)
            else:
                rest.append(pending)
        self.pending = rest

    def lose_power(self, seed):
        """The names and contents after a restart."""
        chance = random.Random(seed)
        for kind, name, other, file in self.pending:
            if chance.random() < 0.5:
                apply_name(self.names, kind, name, other, file)
        for file in set(self.names.values()) - {None}:
            file.lose(chance)
        for path in list(self.names):
            if path.endswith("/lock.mdb"):
                spoil_lock_file(self.names, path, chance)

    def write(self):
        """Puts it where the folder was, which must be gone. What stands in a folder that is lost is lost with it."""
        for path in sorted(self.names):
            if path != self.folder and not os.path.isdir(os.path.dirname(path)):
                continue
            if self.names[path] is None:
                os.mkdir(path)
            else:
                with open(path, "wb") as file:
                    file.write(self.names[path].content)


def apply_name(names, kind, path, other, file):
    if kind == "o":
        names[path] = file
    elif kind == "m":
        names.setdefault(path, None)
    elif kind == "r" and path in names:
        names[other] = names.pop(path)
    elif kind in "ud":
        names.pop(path, None)


def spoil_lock_file(names, path, chance):
    """LMDB makes it anew: whatever is in it, it must do no harm."""
    fate = chance.random()
    if fate < 0.3:
        del names[path]
    elif fate < 0.6:
        names[path] = File(bytes(len(names[path].content)))
