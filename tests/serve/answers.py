"""What the server answers when all is well: the same as the command line, in every format, by GET and POST, once more not
at all."""
import gzip
import json
import subprocess
import unittest
import urllib.parse

import running

ATTACK = "<script>document.title='owned'</script>"
HOSTILE = ({"id": "a/../b?x#y", "title": ATTACK, "text": "hostile " + ATTACK, "url": "javascript:alert(1)"},
           {"id": "turned", "title": "\u202eturned", "text": "hostile \u0000 \u202e text", "url": "data:text/html,x"})


class Answers(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.server = running.Running("--cors", "https://www.example.org", "--title", "Shop & <Co>", more=HOSTILE)

    @classmethod
    def tearDownClass(cls):
        cls.server.__exit__(None)

    def ask(self, target, **more):
        return self.server.ask(target, **more)

    def line(self, *words):
        ended = subprocess.run([running.program("revue-query"), *words], capture_output=True, stdin=subprocess.DEVNULL)
        return ended.stdout

    def test_the_same_json_as_the_command_line(self):
        for query, options in (("friendly staff", []), ("room -loud", ["-n", "3"]), ('"calm room"', ["--offset", "1"]),
                               ("staff", ["--group", "product", "--facet", "stars"]), ("film", ["--sort", "date:desc"]),
                               ("fri*", []), ("nothing here", ["--op", "any"]),
                               ("friendly quiet loud", ["--min-match", "2"]), ("staff", ["--prior", "stars:0.5"])):
            parameters = [("q", query)]
            for name, value in zip(options[::2], options[1::2]):
                parameters.append((name.lstrip("-").replace("-", "_"), value))
            here = self.ask("/search?" + urllib.parse.urlencode(parameters)).json()
            there = json.loads(self.line("search", self.server.index, "--format", "json", "--lenient", *options, query))
            for answer in (here, there):
                del answer["took_us"]
            self.assertEqual(here, there, query)

    def test_every_format(self):
        for name, kind in (("jsonl", "application/jsonl"), ("csv", "text/csv"), ("tsv", "text/tab-separated-values"),
                           ("trec", "text/plain")):
            answer = self.ask("/search?q=staff&format=" + name)
            self.assertEqual(answer.status, 200)
            self.assertTrue(answer.headers["content-type"].startswith(kind))
            self.assertEqual(answer.body, self.line("search", self.server.index, "staff", "--format", name))
        self.assertIn(b"<mark>", self.ask("/search?q=staff&format=html").body)

    def test_a_language_is_a_filter(self):
        totals = {self.ask("/search?q=staff&lang=%s" % tag).json()["total"] for tag in ("en", "EN", "en&filter=rating:%3E0")}
        self.assertEqual(totals, {self.ask("/search?q=staff").json()["total"]})
        self.assertEqual(self.ask("/search?q=staff&lang=de").json()["total"], 0)
        self.assertEqual(self.ask("/search?q=staff&lang=de&filter=stars:1+OR+stars:2").json()["total"], 0)
        self.assertIn("no language", self.ask("/search?q=staff&lang=en)+OR+(x").json()["warnings"][0])

    def test_post_is_get(self):
        body = json.dumps({"q": "friendly staff", "n": 3, "facet": ["stars"], "op": "all"}).encode()
        there = self.ask("/search", method="POST", headers={"Content-Type": "application/json; charset=utf-8"}, body=body)
        here = self.ask("/search?q=friendly+staff&n=3&facet=stars&op=all")
        self.assertEqual(there.status, 200)
        a, b = there.json(), here.json()
        del a["took_us"], b["took_us"]
        self.assertEqual(a, b)

    def test_pages_by_token_have_everything_once(self):
        seen, token = [], None
        while token != "":
            answer = self.ask("/search?q=staff&n=7" + ("&after=" + token if token else "")).json()
            seen += [hit["id"] for hit in answer["hits"]]
            token = answer.get("next", "")
        whole = self.ask("/search?q=staff&n=100").json()
        self.assertEqual(seen, [hit["id"] for hit in whole["hits"]])

    def test_warnings_of_the_request_come_first(self):
        answer = self.ask("/search?q=%28staff&n=-1&nn=2").json()
        self.assertEqual(len(answer["warnings"]), 3)
        self.assertIn("n:", answer["warnings"][0])
        self.assertIn("nn", answer["warnings"][1])

    def test_a_review(self):
        answer = self.ask("/review/shop/7")
        self.assertEqual(answer.body, self.line("get", self.server.index, "shop/7", "--format", "json"))
        self.assertEqual(self.ask("/review/a%2F..%2Fb%3Fx%23y").json()["id"], "a/../b?x#y")
        self.assertEqual(self.ask("/review/nobody").status, 404)
        self.assertEqual(self.ask("/review/").status, 404)

    def test_typing(self):
        self.assertIn("friendly", [item["text"].lower() for item in self.ask("/complete?q=frien").json()["completions"]])
        self.assertEqual(self.ask("/suggest?q=freindly").json()["completions"][0]["text"].lower(), "friendly")
        found = self.ask("/similar/shop/1").json()
        self.assertNotIn("shop/1", [hit["id"] for hit in found["hits"]])
        self.assertGreater(len(found["hits"]), 0)
        self.assertEqual(self.ask("/similar/nobody").status, 404)

    def test_the_page_shows_nothing_that_acts(self):
        for target in ("/?q=hostile", "/search?q=hostile&format=html", "/review/a%2F..%2Fb%3Fx%23y?format=html",
                       "/?q=" + urllib.parse.quote(ATTACK), "/?q=x&filter=" + urllib.parse.quote(ATTACK + ":x"),
                       "/?q=x&sort=" + urllib.parse.quote(ATTACK)):
            answer = self.ask(target)
            self.assertTrue(answer.headers["content-type"].startswith("text/html"), target)
            self.assertNotIn(ATTACK.encode(), answer.body)
            self.assertNotIn(b'href="javascript:', answer.body.lower())
            self.assertNotIn(b'href="data:', answer.body.lower())
            self.assertIn("script-src 'self'", answer.headers["content-security-policy"])
        self.assertIn(b"Shop &amp; &lt;Co&gt;", self.ask("/").body)
        self.assertNotIn(ATTACK.encode(), self.ask("/search?q=hostile").body)

    def test_an_etag_saves_the_answer(self):
        for target in ("/search?q=staff", "/?q=staff", "/review/shop/1", "/search?q=staff&facet=stars", "/search.css"):
            first = self.ask(target)
            etag = first.headers["etag"]
            for sent in (etag, '"other", ' + etag, etag[2:], "*"):
                again = self.ask(target, headers={"If-None-Match": sent})
                self.assertEqual((again.status, again.body), (304, b""), target)
                self.assertEqual(again.headers["etag"], etag)
            self.assertEqual(self.ask(target, headers={"If-None-Match": 'W/"0000000000000000"'}).status, 200)
        # the order of parameters, and their defaults, make no difference
        self.assertEqual(self.ask("/search?q=staff&n=10&op=auto").headers["etag"],
                         self.ask("/search?op=auto&q=+staff+").headers["etag"])
        tags = {self.ask(target).headers["etag"]
                for target in ("/search?q=staff", "/search?q=staf", "/?q=staff", "/search?q=staff&format=csv",
                               "/search?q=staff&n=3", "/search?q=staff&n=x", "/suggest?q=staff", "/complete?q=staff")}
        self.assertEqual(len(tags), 8)

    def test_gzip_when_asked(self):
        plain = self.ask("/search?q=staff&n=40")
        packed = self.ask("/search?q=staff&n=40", headers={"Accept-Encoding": "gzip"})
        self.assertEqual(packed.headers["content-encoding"], "gzip")
        self.assertLess(len(packed.body), len(plain.body) // 2)
        self.assertEqual(json.loads(gzip.decompress(packed.body))["hits"], plain.json()["hits"])
        self.assertNotIn("content-encoding", self.ask("/search?q=staff&n=40", headers={"Accept-Encoding": "br"}).headers)

    def test_cors_is_a_list(self):
        allowed = self.ask("/search?q=staff", headers={"Origin": "https://www.example.org"})
        self.assertEqual(allowed.headers["access-control-allow-origin"], "https://www.example.org")
        other = self.ask("/search?q=staff", headers={"Origin": "https://evil.example"})
        self.assertNotIn("access-control-allow-origin", other.headers)
        self.assertIn("Origin", other.headers["vary"])
        before = self.ask("/search", method="OPTIONS", headers={"Origin": "https://www.example.org",
                                                                "Access-Control-Request-Method": "POST"})
        self.assertEqual(before.status, 204)
        self.assertIn("POST", before.headers["access-control-allow-methods"])
        self.assertIn("https://www.example.org", self.ask("/").headers["content-security-policy"])

    def test_every_answer_is_guarded(self):
        for target in ("/", "/search?q=a", "/review/nobody", "/nothing", "/metrics", "/healthz", "/search.css"):
            headers = self.ask(target).headers
            self.assertEqual(headers["x-content-type-options"], "nosniff", target)
            self.assertIn("content-security-policy", headers)

    def test_head_is_get_without_its_body(self):
        with self.server.client() as client:
            head = client.ask("/search?q=staff", method="HEAD")
            get = client.ask("/search?q=staff")
            self.assertEqual((head.status, head.headers["etag"]), (200, get.headers["etag"]))

    def test_health_and_metrics(self):
        health = self.ask("/healthz").json()
        self.assertEqual((health["status"], health["indexes"][0]["reviews"]), ("ok", 42))
        self.assertIn("age_seconds", health["indexes"][0])
        self.ask("/search?q=metrics")
        text = self.ask("/metrics").body.decode()
        for name in ('revue_requests_total{route="search",status="2xx"}', "revue_request_duration_seconds_bucket",
                     'revue_refused_total{reason="rate"} 0', 'revue_index_reviews{index=""} 42', "revue_index_bytes",
                     "revue_index_age_seconds"):
            self.assertIn(name, text)
        for line in text.splitlines():
            if not line.startswith("#"):
                float(line.rsplit(" ", 1)[1])

    def test_descriptions(self):
        described = self.ask("/openapi.json").json()
        self.assertEqual(described["openapi"], "3.1.0")
        for path in ("/search", "/review/{id}", "/complete", "/suggest", "/similar/{id}", "/healthz", "/metrics"):
            self.assertIn(path, described["paths"])
        names = {item["name"] for item in described["paths"]["/search"]["get"]["parameters"]}
        self.assertEqual(names, set("q n offset after filter sort facet group op min_match prior lang count format".split()))
        search = self.ask("/opensearch.xml")
        self.assertIn(b"http://localhost/search?q={searchTerms}", search.body)
        self.assertIn(b"Shop &amp; &lt;Co&gt;", search.body)


class SeveralIndexes(unittest.TestCase):
    def test_each_has_its_name(self):
        with running.Running("films=@INDEX@", "hotels=@INDEX@") as server:
            self.assertEqual(server.ask("/films/search?q=staff").status, 200)
            self.assertEqual(server.ask("/hotels/review/shop/1").json()["id"], "shop/1")
            self.assertEqual(server.ask("/search?q=staff").status, 404)
            self.assertEqual(server.ask("/films/healthz").status, 404)
            moved = server.ask("/films?q=x")
            self.assertEqual((moved.status, moved.headers["location"]), (308, "/films/?q=x"))
            self.assertEqual(server.ask("/").status, 200)
            self.assertEqual([index["name"] for index in server.ask("/healthz").json()["indexes"]], ["films", "hotels"])
            self.assertIn("/hotels/search", server.ask("/openapi.json").json()["paths"])


class UnixSocket(unittest.TestCase):
    def test_it_answers_there_and_leaves_nothing(self):
        import os
        with running.Running(unix=True) as server:
            self.assertEqual(server.ask("/search?q=staff", host="anything").status, 200)
            path = server.address
            self.assertTrue(os.path.exists(path))
            server.stop()
            self.assertFalse(os.path.exists(path))
