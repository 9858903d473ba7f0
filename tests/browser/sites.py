"""What the browser visits: a small archive made here, its index, and `revue-query serve` over it on a port of the loopback;
and another site, of another origin, which puts the search box on its page with one line."""
import http.server
import json
import os
import socket
import subprocess
import threading
import time
import urllib.request

READY_SECONDS = 30

TITLES = ("Friendly staff and a calm room", "Not worth the money", "Perfect weekend away", "The battery died in a week",
          "A quiet masterpiece", "Slow start, great ending")
SENTENCES = (
    "Friendly staff, huge breakfast, dog welcome in the bar.",
    "The room was calm and quiet though it looks out on the street.",
    "The first hour is slow and the second is worse, but the quiet last scene stayed with me for days.",
    "The battery lasted five days and then nothing, and support was friendly but slow.",
    "We slept well and would come back in winter, when the harbour is quiet and the rooms are cheap.",
    "Breakfast ends at ten, which is early on a Sunday.")
PRODUCTS = ("Kestrel House Hotel", "Swan Protocol", "Mossling 64", "Harbour Lights", "Orbit of Ash")
AUTHORS = ("Ana", "José", "Wei", "Fatima", "Olu", "Ingrid")
LANGUAGES = ("en", "en", "en", "de", "fr")
REVIEWS = 240

ATTACK = "<script>document.title='owned'</script>"
HOSTILE = (
    {"id": "<script>x</script>", "title": ATTACK + " hostile", "product": "'>" + ATTACK, "author": "\"><b>bold</b>",
     "text": "hostile <img src=x onerror=\"document.title='owned'\"> & 'single' \"double\" </mark></p>" + ATTACK,
     "rating": 3, "date": "2020-01-01", "url": "javascript:document.title='owned'", "lang": "\" onload=\"x"},
    {"id": "turned", "title": "hostile \u202eturned\u202c \u2067 round", "author": "\u202egnp.exe",
     "text": "hostile text \u202e reversed \u200f mark, \u0000 nul, \u001b[31m escape \u0085 next", "url": "data:text/html,x",
     "rating": 2},
    {"id": "hebrew", "title": "ביקורת hostile", "text": "זה hostile סרט מצוין, בהחלט", "lang": "he", "rating": 5,
     "url": " javascript:alert(1)"},
    {"id": "a/../b?x#y", "title": "hostile id", "text": "hostile id in a path",
     "url": "https://example.org/a\"b<c>?x=1&y='2'"})


def ordinary(number):
    """The same review for the same number, with some of everything."""
    review = {"id": "shop/%d" % number, "title": TITLES[number % 6], "product": PRODUCTS[number % 5],
              "text": SENTENCES[number % 6] + " " + SENTENCES[number * 7 % 5], "author": AUTHORS[number * 5 % 6],
              "rating": (5, 4, 1, 5, 3, 2, 4)[number % 7], "lang": LANGUAGES[number * 3 % 5], "votes": number * 11 % 40,
              "date": "%d-%02d-%02d" % (2016 + number * 7 % 11, number % 12 + 1, number % 28 + 1)}
    if number % 3 == 0:
        review["url"] = "https://example.org/reviews/%d" % number
    return review


class Site:
    """revue-query serve over the archive; `address` ends in a slash."""
    def __init__(self, build, folder):
        self.process = None
        os.makedirs(folder, exist_ok=True)
        archive, index = os.path.join(folder, "archive.jsonl"), os.path.join(folder, "index")
        with open(archive, "w", encoding="utf-8") as out:
            for review in [ordinary(number) for number in range(REVIEWS)] + list(HOSTILE):
                out.write(json.dumps(review) + "\n")
        subprocess.run(["rm", "-rf", index], check=True)
        programs = os.path.join(build, "bin")
        subprocess.run([os.path.join(programs, "revue-indexer"), "update", index, archive, "--quiet"], check=True, timeout=120)
        self.start(programs, index, folder)

    def start(self, programs, index, folder):
        port = free_port()
        self.address = "http://127.0.0.1:%d/" % port
        self.log = open(os.path.join(folder, "server.log"), "w")
        command = [os.path.join(programs, "revue-query"), "serve", index, "--listen", "127.0.0.1:%d" % port, "--cors", "*"]
        self.process = subprocess.Popen(command, stdout=self.log, stderr=subprocess.STDOUT)
        self.wait_until_ready(port)

    def wait_until_ready(self, port):
        deadline = time.monotonic() + READY_SECONDS
        while time.monotonic() < deadline and self.process.poll() is None:
            try:
                socket.create_connection(("127.0.0.1", port), 1).close()
                return
            except OSError:
                time.sleep(0.02)
        self.stop()
        raise RuntimeError("the server did not come up: see %s" % self.log.name)

    def stop(self):
        if self.process and self.process.poll() is None:
            self.process.terminate()
            self.process.wait(30)
        self.log.close()


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class OtherSite(http.server.ThreadingHTTPServer):
    """A page of somebody else's with the line of the README on it, under a strict policy of its own."""
    daemon_threads = True

    def __init__(self, search_site):
        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                page = ("<!DOCTYPE html><html lang=en><title>Shop</title><style>form{display:none}</style><h1>A shop</h1>"
                        "<div id=here><script src=\"%sembed.js\" data-label=\"Search our reviews\" async></script></div>"
                        % search_site).encode()
                self.send_response(200)
                self.send_header("Content-Type", "text/html; charset=utf-8")
                self.send_header("Content-Length", str(len(page)))
                self.send_header("Content-Security-Policy", "script-src %s; connect-src %s" % (search_site, search_site))
                self.end_headers()
                self.wfile.write(page)

            def log_message(self, *arguments):
                pass

        super().__init__(("127.0.0.1", 0), Handler)
        self.address = "http://127.0.0.1:%d/" % self.server_address[1]
        threading.Thread(target=self.serve_forever, daemon=True).start()


def fetch(address, **headers):
    """Status, headers and text of an answer, whatever the status."""
    try:
        with urllib.request.urlopen(urllib.request.Request(address, headers=headers), timeout=30) as answer:
            return answer.status, answer.headers, answer.read().decode("utf-8")
    except urllib.error.HTTPError as answer:
        return answer.code, answer.headers, answer.read().decode("utf-8")
