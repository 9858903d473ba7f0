"""Servers that are measured: Revue's, and FTS5 behind libmicrohttpd. Each listens on a port of the loopback; what it cannot
answer, and the memory it holds, is asked of it while it runs."""
import http.client
import os
import shutil
import socket
import subprocess
import time
import urllib.parse

import fts5
import measure

HERE = os.path.dirname(os.path.abspath(__file__))
READY_SECONDS = 60


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Server:
    def __init__(self, name, command, port, log):
        self.name, self.port, self.log = name, port, open(log, "wb")
        self.process = subprocess.Popen([str(word) for word in command], stdout=self.log, stderr=subprocess.STDOUT)
        self.wait_until_ready()

    def wait_until_ready(self):
        deadline = time.monotonic() + READY_SECONDS
        while time.monotonic() < deadline and self.process.poll() is None:
            try:
                socket.create_connection(("127.0.0.1", self.port), 1).close()
                return
            except OSError:
                time.sleep(0.02)
        self.stop()
        raise measure.Failed("%s: the server did not come up: %s" % (self.name, open(self.log.name).read().strip()))

    def address(self):
        return "http://127.0.0.1:%d" % self.port

    def stop(self):
        if self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(30)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        self.log.close()

    def memory(self):
        """Bytes that are its own: what it allocated, without the pages of the index's file, which the system shares."""
        with open("/proc/%d/status" % self.process.pid) as status:
            return next(int(line.split()[1]) * 1024 for line in status if line.startswith("RssAnon:"))

    def processor_seconds(self):
        """What its threads have used so far: that does not depend on what else the machine does."""
        with open("/proc/%d/stat" % self.process.pid) as stat:
            user, system = stat.read().rsplit(")", 1)[1].split()[11:13]
        return (int(user) + int(system)) / os.sysconf("SC_CLK_TCK")

    def etags(self, paths):
        """[(path, ETag)] of each path."""
        connection, found = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30), []
        for path in paths:
            connection.request("GET", path, headers={"Accept": "application/json"})
            answer = connection.getresponse()
            answer.read()
            if answer.status != 200 or not answer.headers["ETag"]:
                raise measure.Failed("%s: %s: status %d, ETag %s" % (self.name, path, answer.status, answer.headers["ETag"]))
            found.append((path, answer.headers["ETag"]))
        connection.close()
        return found


def revue_server(build, index, folder):
    port = free_port()
    command = [os.path.join(build, "bin", "revue-query"), "serve", index, "--listen", "127.0.0.1:%d" % port]
    return Server("revue", command, port, os.path.join(folder, "revue.log"))


def fts5_server(build, cache, table, folder, threads, limit):
    """Compiles, builds and starts it. Raises measure.Skipped."""
    engine = fts5.Engine(build, cache)
    program, source = os.path.join(cache, "fts5_http"), os.path.join(HERE, "peers", "fts5_http.c")
    compiler = os.environ.get("CC") or shutil.which("cc")
    command = compiler.split() + ["-O2", "-D_GNU_SOURCE", "-o", program, source, "-lsqlite3", "-lmicrohttpd", "-pthread"]
    if subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=300).returncode != 0:
        raise measure.Skipped("fts5_http.c does not compile: is libmicrohttpd-dev installed?")
    index, port = os.path.join(folder, "fts5"), free_port()
    engine.build({"table": table}, index, measure.Setting(1), limit)
    engine.merge(index, limit)
    return Server("fts5", [program, engine.database(index), port, threads], port, os.path.join(folder, "fts5.log"))


def path_of(kind, words, more=""):
    """What to ask for a query of a bench: the same of both servers."""
    query = '"%s"' % words if kind == "phrase" else words
    return "/search?q=%s%s%s" % (urllib.parse.quote(query), "&op=any" if kind == "or" else "", more)
