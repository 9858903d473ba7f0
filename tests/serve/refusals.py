"""Requests that are wrong, too many or too slow: the right status each, a log line, and the server lives on."""
import json
import os
import random
import socket
import threading
import time
import unittest

import running


class Refusals(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.log = os.path.join(os.environ.get("TMPDIR", "/tmp"), "revue-serve-%d.log" % os.getpid())
        cls.server = running.Running("--access-log", cls.log, "--max-body", "2000", "--connections", "300", "--workers", "4")

    @classmethod
    def tearDownClass(cls):
        cls.server.__exit__(None)
        os.unlink(cls.log)

    def ask(self, target, **more):
        return self.server.ask(target, **more)

    def assertProblem(self, answer, status):
        self.assertEqual(answer.status, status, answer.body)
        self.assertEqual(answer.headers["content-type"], "application/problem+json")
        problem = answer.json()
        self.assertEqual((problem["status"], problem["type"]), (status, "about:blank"))
        self.assertTrue(problem["detail"])
        self.assertNotIn(self.server.path, json.dumps(problem))

    def test_what_cannot_be_understood(self):
        for target in ("/search?q=%", "/search?q=%zz", "/search?q=a%00b", "/search?q=a&offset=99999999999999999999",
                       "/search?q=a&filter=" + "a" * 3000, "/search?q=a&sort=nope", "/search?q=a&group=rating", "/search?q=a&facet=nope",
                       "/search?q=a&after=nonsense", "/review/%zz", "/review/%00", "/search?q=a&offset=3&after=nonsense"):
            self.assertProblem(self.ask(target), 400)
            self.assertFalse(self.ask(target).json()["detail"].startswith("--"), "parameters are no options")

    def test_what_is_not_there(self):
        for target in ("/nothing", "/search/", "/searchx", "//", "/%2e%2e/%2e%2e/etc/passwd", "/../../etc/passwd", "/./search",
                       "/search.css/../../x", "/review", "/.git/config", "/index", "*x", "/%73earch?q=a"):
            self.assertEqual(self.ask(target).status, 404, target)

    def test_methods(self):
        for method, target in (("POST", "/review/x"), ("PUT", "/search"), ("DELETE", "/search"), ("BREW", "/healthz"), ("TRACE", "/metrics")):
            answer = self.ask(target, method=method, body=b"")
            self.assertProblem(answer, 405)
            self.assertIn("GET", answer.headers["allow"])
        self.assertEqual(self.ask("*", method="OPTIONS").status, 204)

    def test_bodies(self):
        as_json = {"Content-Type": "application/json"}
        for body in (b"", b"{", b"[]", b'{"q":{}}', b'{"q":"\xff"}', b"[" * 1500):
            self.assertProblem(self.ask("/search", method="POST", headers=as_json, body=body), 400)
        self.assertProblem(self.ask("/search", method="POST", headers={"Content-Type": "text/plain"}, body=b"{}"), 415)
        self.assertProblem(self.ask("/search", method="POST", headers=as_json, body=b" " * 2001), 413)

    def test_a_body_that_does_not_say_its_size(self):
        with self.server.client() as client:
            client.send(b"POST /search HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
                        b"Transfer-Encoding: chunked\r\n\r\n")
            for _ in range(30):
                client.send(b"64\r\n" + b" " * 100 + b"\r\n")
            client.send(b"0\r\n\r\n")
            self.assertProblem(client.read(), 413)

    def test_the_body_of_a_get_is_no_next_request(self):
        with self.server.client() as client:
            inner = b"GET /review/nobody HTTP/1.1\r\nHost: localhost\r\n\r\n"
            self.assertEqual(client.ask("/search?q=staff", body=inner).status, 200)
            self.assertEqual(client.ask("/healthz").status, 200)

    def test_heads_that_can_be_read_in_two_ways(self):
        post = b"POST /search HTTP/1.1\r\nContent-Type: application/json\r\n"
        for head, status in ((b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nHost: localhost\r\n", 400),
                             (post + b"Host: localhost\r\nContent-Length: 2\r\nContent-Length: 2\r\n", 400),
                             (post + b"Host: localhost\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n", 400),
                             (post + b"Host: localhost\r\nTransfer-Encoding: gzip\r\n", 501)):
            with self.server.client() as client:
                client.send(head + b"\r\n{}")
                self.assertProblem(client.read(), status)
                self.assertRaises((EOFError, ConnectionError), client.read)

    def test_a_target_may_be_a_whole_address(self):
        for target, host in (("http://localhost/healthz", "rebound.example"), ("http://localhost:80?q=staff", "localhost"),
                             ("HTTPS://127.0.0.1/search?q=staff", "localhost")):
            self.assertEqual(self.ask(target, host=host).status, 200, target)
        self.assertEqual(self.ask("http://localhost/nothing").status, 404)
        self.assertProblem(self.ask("http://rebound.example/search?q=a"), 421)

    def test_hosts(self):
        self.assertProblem(self.ask("/search?q=a", host="rebound.example"), 421)
        self.assertEqual(self.ask("/search?q=a", host="127.0.0.1:1").status, 200)
        self.assertEqual(self.ask("/healthz", host="10.1.2.3").status, 200)
        self.assertIn(self.ask("/search?q=a", host=None).status, (400, 421))

    def test_heads_that_are_too_large(self):
        for head, statuses in ((b"GET /search?q=" + b"a" * 1000000 + b" HTTP/1.1\r\nHost: localhost\r\n\r\n", (413, 414, 431)),
                               (b"GET / HTTP/1.1\r\nHost: localhost\r\nX: " + b"a" * 1000000 + b"\r\n\r\n", (413, 431)),
                               (b"GET / HTTP/1.1\r\nHost: localhost\r\n" + b"X: y\r\n" * 200000 + b"\r\n", (413, 431))):
            with self.server.client() as client:
                try:
                    client.send(head)
                    self.assertIn(client.read().status, statuses)
                except (BrokenPipeError, ConnectionResetError):
                    pass  # told before all of it was sent, and closed
        self.assertEqual(self.ask("/search?q=" + "a" * 5000).status, 200)

    def test_pipelined_requests_are_answered_in_order(self):
        with self.server.client() as client:
            client.send(b"".join(b"GET /review/shop/%d HTTP/1.1\r\nHost: localhost\r\n\r\n" % i for i in range(40)))
            self.assertEqual([client.read().json()["id"] for _ in range(40)], ["shop/%d" % i for i in range(40)])

    def test_dear_ones_among_pipelined_ones(self):
        with self.server.client() as client:
            targets = ["/search?q=staff&facet=product", "/review/shop/1", "/?q=staff", "/search?q=fr*", "/healthz"] * 6
            client.send(b"".join(b"GET %s HTTP/1.1\r\nHost: localhost\r\n\r\n" % target.encode() for target in targets))
            self.assertEqual([client.read().status for _ in targets], [200] * len(targets))

    def test_random_bytes(self):
        chance = random.Random(7)
        parts = (b"GET ", b"/search?q=", b" HTTP/1.1\r\n", b"Host: localhost\r\n", b"\r\n", b"%", b"\0", b"Content-Length: ",
                 b"-1\r\n", b"Transfer-Encoding: chunked\r\n", b"POST ", b"99999999999999999999\r\n", b"\xff\xfe", b"HTTP/9.9",
                 b"Range: bytes=0-\r\n", b"Expect: 100-continue\r\n", b"Connection: close, upgrade\r\n")
        for _ in range(400):
            data = b"".join(chance.choice(parts) if chance.random() < 0.8 else chance.randbytes(chance.randrange(40))
                            for _ in range(chance.randrange(1, 14)))
            with self.server.client() as client:
                client.socket.settimeout(0.3)  # a half request that ends is closed at once, or as an idle one
                try:
                    client.send(data)
                    client.socket.shutdown(socket.SHUT_WR)
                    while client.socket.recv(65536):
                        pass
                except OSError:
                    pass
        self.assertEqual(self.ask("/search?q=staff").status, 200)

    def test_more_connections_than_allowed(self):
        """Ten thousand are tried, two hundred at a time are kept: those past the limit are not answered, and the server
        answers when they have gone."""
        kept, refused = [], 0
        try:
            for i in range(10000):
                one = socket.socket()
                one.settimeout(5)
                one.setblocking(False)
                one.connect_ex(self.server.address)
                kept.append(one)
                if len(kept) == 800:
                    for old in kept[:600]:
                        old.close()
                    del kept[:600]
        finally:
            for one in kept:
                one.close()
        end = time.monotonic() + 60
        while time.monotonic() < end:
            try:
                if self.ask("/healthz").status == 200:
                    break
            except OSError:
                refused += 1
        self.assertTrue(self.server.is_up())
        self.assertEqual(self.ask("/search?q=staff").status, 200)

    def test_threads_at_once(self):
        failures = []

        def work(seed):
            chance = random.Random(seed)
            targets = ("/search?q=staff", "/search?q=room&facet=product", "/?q=film", "/review/shop/3", "/complete?q=fr",
                       "/suggest?q=stff", "/similar/shop/4", "/metrics", "/healthz", "/search?q=%zz", "/nothing")
            try:
                with self.server.client() as client:
                    for _ in range(60):
                        answer = client.ask(chance.choice(targets))
                        if answer.status not in (200, 400, 404):
                            failures.append(answer.status)
            except (OSError, EOFError) as failure:
                failures.append(failure)
        threads = [threading.Thread(target=work, args=(seed,)) for seed in range(12)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual(failures, [])

    def test_the_log_has_a_line_for_each(self):
        self.ask("/search?q=%zz&marker=1")
        self.ask("/search?q=a\"b&marker=2", headers={"User-Agent": "a \"quoted\" \x1b one"})
        found = {}
        end = time.monotonic() + 30
        while len(found) < 2 and time.monotonic() < end:
            with open(self.log, encoding="utf-8") as lines:
                for line in lines:
                    entry = json.loads(line)
                    if "marker=" in entry["target"]:
                        found[entry["target"][-1]] = entry
        self.assertEqual((found["1"]["status"], found["1"]["method"], found["1"]["address"]), (400, "GET", "127.0.0.1"))
        self.assertEqual(found["2"]["status"], 200)
        self.assertGreater(found["2"]["bytes"], 0)


class Rates(unittest.TestCase):
    def test_one_address_waits_and_the_others_do_not(self):
        with running.Running("--rate", "0.01", "--burst", "3", "--trusted-proxy", "127.0.0.1") as server:
            def ask(address):
                return server.ask("/search?q=staff", headers={"X-Forwarded-For": address})
            self.assertEqual([ask("198.51.100.7").status for _ in range(4)], [200, 200, 200, 429])
            refused = ask("spoofed, 198.51.100.7")
            self.assertEqual(refused.status, 429)
            self.assertGreater(int(refused.headers["retry-after"]), 0)
            self.assertEqual(ask("198.51.100.8").status, 200)
            self.assertEqual([server.ask("/search?q=staff").status for _ in range(10)], [200] * 10)
            server.count("rate", 2)

    def test_who_is_no_proxy_is_not_believed(self):
        with running.Running("--rate", "0.01", "--burst", "3") as server:
            statuses = {server.ask("/search?q=staff", headers={"X-Forwarded-For": "198.51.100.7"}).status for _ in range(6)}
            self.assertEqual(statuses, {200})


class Times(unittest.TestCase):
    def test_a_search_that_takes_too_long(self):
        with running.Running("--timeout", "0.0000001") as server:
            answer = server.ask("/search?q=staff")
            self.assertEqual(answer.status, 503)
            self.assertIn("retry-after", answer.headers)
            self.assertEqual(server.ask("/review/shop/1").status, 200)
            server.count("deadline", 1)

    def test_who_is_slow_is_cut_off(self):
        """Half a request, a byte now and then, an answer that nobody takes: none of them stays."""
        with running.Running("--idle-timeout", "1", "--request-timeout", "1") as server:
            half, slow, deaf = server.client(), server.client(), server.client()
            half.send(b"GET /search?q=a HTTP/1.1\r\nHo")
            deaf.send(b"GET /search.css HTTP/1.1\r\nHost: localhost\r\n\r\n" * 2000)
            cut = False
            end = time.monotonic() + 30
            slow.send(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n")
            while not cut and time.monotonic() < end:
                try:
                    slow.send(b"X: y\r\n")
                    slow.socket.settimeout(0.2)
                    cut = slow.socket.recv(100) == b""
                except TimeoutError:
                    pass
                except OSError:
                    cut = True
            self.assertTrue(cut)
            half.socket.settimeout(30)
            self.assertEqual(half.socket.recv(100)[:5] in (b"", b"HTTP/"), True)
            for client in (half, slow, deaf):
                client.close()
            self.assertEqual(server.ask("/healthz").status, 200)


class Queue(unittest.TestCase):
    def test_too_many_dear_ones_are_told_so(self):
        """One thread for dear requests, and room for so many: of too many some may be refused, cheap ones pass."""
        with running.Running("--workers", "2", numbers=range(3000)) as server:
            statuses, lock = [], threading.Lock()

            def work():
                with server.client() as client:
                    for _ in range(4):
                        status = client.ask("/search?q=staff+OR+room+OR+film&n=100&sort=date&facet=product&facet=date:day").status
                        with lock:
                            statuses.append(status)
            threads = [threading.Thread(target=work) for _ in range(40)]
            for thread in threads:
                thread.start()
            with server.client() as client:
                self.assertEqual([client.ask("/search?q=staff&n=1").status for _ in range(20)], [200] * 20)
            for thread in threads:
                thread.join()
            self.assertLessEqual(set(statuses), {200, 503})
            self.assertIn(200, statuses)
