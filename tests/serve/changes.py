"""An index that changes, moves, goes away or is damaged under the server, and a server that is told to end."""
import json
import os
import shutil
import signal
import socket
import subprocess
import threading
import time
import unittest

import running


class Changes(unittest.TestCase):
    def test_a_commit_is_served_from_the_next_request_on(self):
        with running.Running() as server:
            with server.client() as client:
                for count in range(41, 49):
                    etag = client.ask("/search?q=staff").headers["etag"]
                    running.write_archive(server.archive, range(count))
                    running.update(server.index)
                    self.assertEqual(client.ask("/search?q=Number%d" % (count - 1)).json()["total"], 1)
                    self.assertEqual(client.ask("/search?q=staff", headers={"If-None-Match": etag}).status, 200)
            readers = json.loads(subprocess.run([running.program("revue-indexer"), "stats", server.index, "--json"],
                                                capture_output=True, check=True).stdout).get("readers", [])
            self.assertEqual(readers, [], "a server at rest holds no snapshot")

    def test_an_index_that_grew_old_is_another_answer(self):
        """Nothing is committed, but what is said of the age of the index is part of an answer."""
        with running.Running("--stale-after", "1h") as server:
            answer = server.ask("/search?q=staff")
            self.assertEqual(answer.json()["warnings"], [])
            etag = {"If-None-Match": answer.headers["etag"]}
            self.assertEqual(server.ask("/search?q=staff", headers=etag).status, 304)
            path = os.path.join(server.index, "runs.jsonl")
            with open(path, encoding="utf-8") as lines:
                runs = [dict(json.loads(line), at="2020-01-01T00:00:00Z") for line in lines]
            with open(path, "w", encoding="utf-8") as lines:
                lines.writelines(json.dumps(run, separators=(",", ":")) + "\n" for run in runs)
            answer = server.ask("/search?q=staff", headers=etag)
            self.assertEqual(answer.status, 200)
            self.assertEqual(len(answer.json()["warnings"]), 1)

    def test_runs_and_requests_at_once(self):
        with running.Running() as server:
            failures, done = [], threading.Event()

            def work():
                with server.client() as client:
                    while not done.is_set():
                        for target in ("/search?q=staff", "/search?q=room&facet=product", "/review/shop/1", "/?q=film"):
                            status = client.ask(target).status
                            if status != 200:
                                failures.append((target, status))
            threads = [threading.Thread(target=work) for _ in range(4)]
            for thread in threads:
                thread.start()
            for count in range(41, 53):
                running.write_archive(server.archive, range(count))
                running.update(server.index)
            subprocess.run([running.program("revue-indexer"), "compact", server.index], check=True, capture_output=True)
            running.write_archive(server.archive, range(60))
            running.update(server.index)
            done.set()
            for thread in threads:
                thread.join()
            self.assertEqual(failures, [])
            self.assertEqual(server.ask("/search?q=Number59").json()["total"], 1)

    def test_compacted_moved_away_and_replaced(self):
        with running.Running() as server:
            def total(query):
                return server.ask("/search?q=" + query).json()["total"]
            before = total("staff")
            subprocess.run([running.program("revue-indexer"), "compact", server.index], check=True, capture_output=True)
            self.assertEqual(total("staff"), before)
            aside = server.index + ".aside"
            os.rename(server.index, aside)
            self.assertEqual(total("staff"), before, "from the last that was whole")
            health = server.ask("/healthz")
            self.assertEqual((health.status, health.json()["status"]), (200, "degraded"))
            running.write_archive(server.archive, range(200, 205))
            running.update(server.index, server.archive)
            found = total("Number3")
            if "out of memory" in server.said():
                self.skipTest("there is no room for the maps of two indexes, as under ThreadSanitizer")
            self.assertEqual(found, 0)
            self.assertEqual(total("Number203"), 1)
            self.assertEqual(server.ask("/healthz").json()["status"], "ok")
            shutil.rmtree(server.index)
            os.rename(aside, server.index)
            self.assertEqual(total("staff"), before)
            self.assertIn("can be read again", server.said())

    def data_file(self, server):
        with open(os.path.join(server.index, "CURRENT"), encoding="ascii") as current:
            return os.path.join(server.index, current.read().strip(), "data.mdb")

    def test_a_file_cut_off(self):
        with running.Running() as server:
            self.assertEqual(server.ask("/search?q=staff").status, 200)
            path = self.data_file(server)
            with open(path, "rb") as file:
                whole = file.read()
            os.truncate(path, len(whole) // 2 // 4096 * 4096)
            answer = server.ask("/search?q=room")
            self.assertIn(answer.status, (500, 503))
            self.assertNotIn(server.path.encode(), answer.body)
            self.assertEqual(server.ask("/healthz").status, 503)
            self.assertIn("cut off", server.said())
            with open(path, "r+b") as file:
                file.write(whole)
            self.assertEqual(server.ask("/search?q=room").status, 200)
            self.assertEqual(server.ask("/healthz").status, 200)

    def test_records_damaged(self):
        """Bytes of texts and lists changed in place: what meets them is an error, the rest goes on."""
        with running.Running(numbers=range(2000)) as server:
            self.assertEqual(server.ask("/search?q=staff").status, 200)
            path = self.data_file(server)
            with open(path, "r+b") as file:
                data = bytearray(file.read())
                at = 0
                while (at := data.find(b"Number", at)) >= 0:
                    data[at] ^= 0x20
                    at += 6
                file.seek(0)
                file.write(data)
            statuses = {server.ask(target).status for target in
                        ["/search?q=Number%d" % i for i in range(0, 2000, 50)] + ["/review/shop/%d" % i for i in range(40)]}
            self.assertLessEqual(statuses, {200, 500})
            self.assertTrue(server.is_up())
            self.assertEqual(server.ask("/metrics").status, 200)


class Ends(unittest.TestCase):
    def test_what_is_under_way_is_answered(self):
        with running.Running("--drain-timeout", "30") as server:
            with server.client() as client, server.client() as idle:
                self.assertEqual(idle.ask("/healthz").status, 200)
                client.send(b"POST /search HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
                            b"Content-Length: 13\r\nExpect: 100-continue\r\n\r\n")
                while b"100 Continue" not in client.rest:
                    client.more()
                server.process.send_signal(signal.SIGTERM)
                with self.assertRaises(OSError):  # nobody new, once it knows
                    end = time.monotonic() + 30
                    while time.monotonic() < end:
                        with server.client() as other:
                            other.socket.settimeout(1)
                            other.ask("/healthz")
                client.send(b'{"q":"staff"}')
                answer = client.read()
                self.assertEqual((answer.status, answer.headers["connection"].lower()), (200, "close"))
            self.assertEqual(server.process.wait(timeout=60), 0)

    def test_a_second_signal_waits_for_nobody(self):
        with running.Running("--drain-timeout", "600") as server:
            client = server.client()
            client.send(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n")
            while b"revue_requests_in_flight 2" not in server.ask("/metrics").body:
                pass
            server.process.send_signal(signal.SIGTERM)
            while server.is_up():
                server.process.send_signal(signal.SIGTERM)
                time.sleep(0.05)
            self.assertEqual(server.process.wait(), 0)
            client.close()

    def test_exit_statuses(self):
        with running.Running() as server:
            def code(*words):
                return subprocess.run([running.program("revue-query"), "serve", *words], capture_output=True,
                                      stdin=subprocess.DEVNULL, timeout=60).returncode
            port = server.address[1]
            self.assertEqual(code(server.index, "--listen", "127.0.0.1:%d" % port), 69)
            self.assertEqual(code(server.index, "--listen", "192.0.2.1:80"), 69)
            self.assertEqual(code(server.index, "--listen", "no.such.host.invalid:80"), 69)
            self.assertEqual(code(server.index, "--listen", "unix:" + server.path + "/no/folder"), 69)
            for wrong in ("nonsense", "1.2.3.4:99999", "unix:", "::1:80:"):
                self.assertEqual(code(server.index, "--listen", wrong), 2, wrong)
            self.assertEqual(code(server.path + "/nothing", "--listen", "127.0.0.1:0"), 66)
            self.assertEqual(code(server.path, "--listen", "127.0.0.1:0"), 76)
            for wrong in ((), ("a", "b"), ("x=%s" % server.index, "x=%s" % server.index), ("search=%s" % server.index,),
                          (server.index, "--cors", "example.org"), (server.index, "--trusted-proxy", "x"),
                          (server.index, "--max-age", "x"), (server.index, "--connections", "1"),
                          (server.index, "--max-depth", "5")):
                self.assertEqual(code(*wrong), 2, wrong)

    def test_the_log_is_opened_anew(self):
        folder = os.environ.get("TMPDIR", "/tmp")
        path = os.path.join(folder, "revue-serve-rotated-%d" % os.getpid())
        with running.Running("--access-log", path, "--log-format", "common") as server:
            server.ask("/search?q=before")
            os.rename(path, path + ".1")
            server.process.send_signal(signal.SIGHUP)
            end = time.monotonic() + 30
            while not os.path.exists(path) and time.monotonic() < end:
                time.sleep(0.02)
            server.ask("/search?q=behind")
            said = ""
            while "behind" not in said and time.monotonic() < end:
                with open(path, encoding="utf-8") as lines:
                    said = lines.read()
            self.assertRegex(said, r'127\.0\.0\.1 - - \[.*\] "GET /search\?q=behind HTTP/1\.1" 200 \d+ "-" "-"\n')
        os.unlink(path)
        os.unlink(path + ".1")


class Handed(unittest.TestCase):
    def test_a_socket_of_systemd(self):
        """As sd_listen_fds(3) has it: the socket is number 3, the environment says so and for whom. READY=1 comes back."""
        with running.Running() as other:
            listening, notified = socket.socket(), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
            listening.bind(("127.0.0.1", 0))
            listening.listen()
            notified.bind(other.path + "/notify")
            notified.settimeout(60)
            script = 'exec 3<&%d; LISTEN_PID=$$ LISTEN_FDS=1 exec "$0" serve "$1" --listen 127.0.0.1:1' % listening.fileno()
            process = subprocess.Popen(["/bin/sh", "-c", script, running.program("revue-query"), other.index],
                                       pass_fds=[listening.fileno()], stderr=subprocess.DEVNULL, stdin=subprocess.DEVNULL,
                                       env={**os.environ, "NOTIFY_SOCKET": other.path + "/notify"})
            try:
                self.assertIn(b"READY=1", notified.recv(4096))
                with running.Client(listening.getsockname()) as client:
                    self.assertEqual(client.ask("/search?q=staff").status, 200)
                process.send_signal(signal.SIGTERM)
                said = b""
                while b"STOPPING=1" not in said:
                    said = notified.recv(4096)
                self.assertEqual(process.wait(timeout=60), 0)
            finally:
                if process.poll() is None:
                    process.kill()
                    process.wait()
                listening.close()
                notified.close()
