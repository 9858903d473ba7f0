"""A server that runs for a test: a small archive, its index, `revue-query serve` over it on a free port of the loopback (or a
Unix socket), and requests as bytes, so that wrong ones can be made, too."""
import json
import os
import re
import signal
import socket
import subprocess
import tempfile
import time

BUILD = None  # set by run
READY_SECONDS = 60
ANSWER_SECONDS = 60

SENTENCES = ("Friendly staff and a calm room.", "The staff was slow but friendly.", "A quiet masterpiece of a film.",
             "Not worth the money, the room was loud.")


def review(number):
    return {"id": "shop/%d" % number, "title": "Title %d" % number, "product": "Product %d" % (number % 5),
            "text": SENTENCES[number % 4] + " Number%d." % number, "rating": number % 5 + 1, "lang": "en",
            "date": "%d-%02d-%02d" % (2016 + number % 8, number % 12 + 1, number % 28 + 1)}


def program(name):
    return os.path.join(BUILD, "bin", name)


def write_archive(path, numbers, more=()):
    with open(path, "w", encoding="utf-8") as out:
        for record in [review(number) for number in numbers] + list(more):
            out.write(json.dumps(record) + "\n")


def update(index, *roots):
    subprocess.run([program("revue-indexer"), "update", index, *roots, "--quiet"], check=True, stdin=subprocess.DEVNULL)


class Answer:
    def __init__(self, status, headers, body):
        self.status, self.headers, self.body = status, headers, body

    def json(self):
        return json.loads(self.body)


class Client:
    """One connection."""
    def __init__(self, address):
        if isinstance(address, str):
            self.socket = socket.socket(socket.AF_UNIX)
            self.socket.connect(address)
        else:
            self.socket = socket.create_connection(address, timeout=ANSWER_SECONDS)
        self.socket.settimeout(ANSWER_SECONDS)
        self.rest = b""

    def close(self):
        self.socket.close()

    def __enter__(self):
        return self

    def __exit__(self, *unused):
        self.close()

    def send(self, data):
        self.socket.sendall(data)

    def more(self):
        data = self.socket.recv(65536)
        if not data:
            raise EOFError("the server closed the connection")
        self.rest += data

    def read(self, has_body=True):
        while b"\r\n\r\n" not in self.rest:
            self.more()
        head, self.rest = self.rest.split(b"\r\n\r\n", 1)
        lines = head.decode("latin-1").split("\r\n")
        status = int(lines[0].split()[1])
        headers = {}
        for line in lines[1:]:
            name, value = line.split(":", 1)
            headers[name.strip().lower()] = value.strip()
        if status == 100:
            return self.read(has_body)
        size = int(headers.get("content-length", "0")) if has_body and status not in (204, 304) else 0
        while len(self.rest) < size:
            self.more()
        body, self.rest = self.rest[:size], self.rest[size:]
        return Answer(status, headers, body)

    def ask(self, target, method="GET", headers=None, body=None, host="localhost"):
        lines = ["%s %s HTTP/1.1" % (method, target)]
        if host is not None:
            lines.append("Host: " + host)
        for name, value in (headers or {}).items():
            lines.append("%s: %s" % (name, value))
        if body is not None:
            lines.append("Content-Length: %d" % len(body))
        self.send(("\r\n".join(lines) + "\r\n\r\n").encode("latin-1") + (body or b""))
        return self.read(method != "HEAD")


class Running:
    """A server, in a folder of its own; with names, an index each."""
    def __init__(self, *options, numbers=range(40), more=(), unix=False, environment=None):
        self.folder = tempfile.TemporaryDirectory(prefix="revue-serve-")
        self.path = self.folder.name
        self.archive, self.index = os.path.join(self.path, "a.jsonl"), os.path.join(self.path, "index")
        write_archive(self.archive, numbers, more)
        update(self.index, self.archive)
        listen = "unix:" + os.path.join(self.path, "socket") if unix else "127.0.0.1:0"
        self.errors = open(os.path.join(self.path, "errors"), "w+b")
        command = [program("revue-query"), "serve", "--listen", listen, *options]
        if not any("=" in option and not option.startswith("-") for option in options):
            command.insert(2, self.index)
        command = [word.replace("@INDEX@", self.index) for word in command]
        self.process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=self.errors,
                                        env={**os.environ, **(environment or {})})
        self.address = self.wait()

    def said(self):
        with open(os.path.join(self.path, "errors"), encoding="utf-8", errors="replace") as errors:
            return errors.read()

    def wait(self):
        end = time.monotonic() + READY_SECONDS
        while time.monotonic() < end and self.process.poll() is None:
            found = re.search(r"listening on (?:unix:(\S+)|127\.0\.0\.1:(\d+))", self.said())
            if found:
                return found.group(1) or ("127.0.0.1", int(found.group(2)))
            time.sleep(0.02)
        raise RuntimeError("the server does not start: " + self.said())

    def client(self):
        return Client(self.address)

    def ask(self, target, *arguments, **more):
        with self.client() as client:
            return client.ask(target, *arguments, **more)

    def count(self, refusal, wanted):
        """Waits until so many were refused: they are counted when their answers are sent."""
        line = 'revue_refused_total{reason="%s"} %d\n' % (refusal, wanted)
        end = time.monotonic() + READY_SECONDS
        while line not in self.ask("/metrics").body.decode():
            if time.monotonic() > end:
                raise AssertionError("not counted: " + line)

    def is_up(self):
        return self.process.poll() is None

    def stop(self, number=signal.SIGTERM):
        """The exit status."""
        if self.is_up():
            self.process.send_signal(number)
        code = self.process.wait(timeout=READY_SECONDS)
        self.errors.close()
        return code

    def __enter__(self):
        return self

    def __exit__(self, kind, *unused):
        try:
            code = self.stop()
            if kind is None and code != 0:
                raise AssertionError("the server ended with %d: %s" % (code, self.said()))
        finally:
            if self.is_up():
                self.process.kill()
                self.process.wait()
            self.folder.cleanup()
