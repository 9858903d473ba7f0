"""What visitors do with the search page, and what they must never see."""
import os
import re
import unittest
import urllib.parse

import axe
import browser
import sites
from browser import Keys

shared = None


class Shared:
    """One server and two browsers for all tests: they only look."""
    def __init__(self, build, folder):
        self.folder = folder
        self.site = sites.Site(build, folder)
        self.with_script = self.without_script = self.axe = None
        self.why_no_axe = ""
        try:
            self.with_script = browser.Browser(folder)
            self.without_script = browser.Browser(folder, with_script=False)
        except Exception:
            self.end()
            raise
        try:
            self.axe = axe.source(folder)
        except axe.Missing as reason:
            self.why_no_axe = str(reason)

    def end(self):
        for one in (self.with_script, self.without_script):
            if one:
                one.quit()
        self.site.stop()


def prepare(build, folder):
    global shared
    shared = Shared(build, folder)


def finish():
    if shared:
        shared.end()


class PageTest(unittest.TestCase):
    def setUp(self):
        self.home = shared.site.address
        self.page = shared.with_script
        self.page.look()
        self.page.complaints()               # those of another test are not this one's

    def at(self, **parameters):
        return self.home + "?" + urllib.parse.urlencode(parameters, quote_via=urllib.parse.quote)

    def hits(self):
        return self.page.texts(".hit h2")

    def expect_no_complaints(self):
        self.assertEqual(self.page.complaints(), [])


class Completion(PageTest):
    def offer(self, text):
        self.page.open(self.home)
        self.page.write(text)
        self.page.until(lambda: self.page.texts("#completions [role=option] bdi"))
        return self.page.texts("#completions [role=option] bdi")

    def test_words_are_offered(self):
        offered = self.offer("batt")
        self.assertIn("battery", offered)
        box = self.page.one("#q")
        self.assertEqual(box.get_attribute("role"), "combobox")
        self.assertEqual(box.get_attribute("aria-expanded"), "true")
        self.assertEqual(self.page.one("#completions").get_attribute("role"), "listbox")
        self.page.shoot("completion")

    def test_arrows_choose(self):
        offered = self.offer("frien")
        self.page.press(Keys.ARROW_DOWN)
        active = self.page.one("#q").get_attribute("aria-activedescendant")
        self.assertEqual(self.page.one("#" + active).get_attribute("aria-selected"), "true")
        self.page.press(Keys.ARROW_UP)
        self.assertIsNone(self.page.one("#q").get_attribute("aria-activedescendant"))
        self.page.press(Keys.ARROW_UP)
        self.page.press(Keys.ARROW_DOWN, Keys.ARROW_DOWN)
        self.page.press(Keys.ENTER)
        self.page.until_address("q=" + urllib.parse.quote(offered[0]))
        self.page.until_settled()
        self.assertTrue(self.hits())
        self.expect_no_complaints()

    def test_a_click_chooses(self):
        offered = self.offer("break")
        self.page.follow(self.page.one("#completions [role=option]"))
        self.assertEqual(self.page.one("#q").get_attribute("value"), offered[0])

    def test_escape_and_leaving_close(self):
        for leave in (Keys.ESCAPE, Keys.TAB):
            self.offer("batt")
            self.page.press(leave)
            self.assertFalse(self.page.one("#completions").is_displayed())
            self.assertEqual(self.page.one("#q").get_attribute("aria-expanded"), "false")
            self.assertEqual(self.page.one("#q").get_attribute("value"), "batt")


class Searching(PageTest):
    def test_hits_have_what_reviews_have(self):
        self.page.open(self.home)
        self.page.search("quiet harbour")
        self.assertEqual(len(self.hits()), 10)
        self.assertRegex(self.page.text("#total"), r"^[1-9][0-9]* reviews in [0-9.]+ ms$")
        self.assertTrue(self.page.driver.title.startswith("quiet harbour – "))
        self.assertTrue({mark.lower() for mark in self.page.texts("mark")} <= {"quiet", "harbour"})
        first = self.page.text(".hit .facts")
        self.assertRegex(first, r"[1-5] of 5 stars")
        self.assertRegex(first, r"[1-9][0-9]? [A-Z][a-z]+ 20[12][0-9]")
        self.page.shoot("results-light")
        self.expect_no_complaints()

    def test_nothing_loads_from_outside(self):
        self.page.open(self.at(q="quiet"))
        loaded = self.page.script("return performance.getEntriesByType('resource').map((entry) => entry.name)")
        self.assertTrue(loaded)
        self.assertEqual([name for name in loaded if not name.startswith(self.home)], [])
        self.assertEqual(self.page.all("[style], style, script:not([src]), [onclick], iframe"), [])

    def test_results_come_without_loading_the_page(self):
        self.page.open(self.home)
        self.page.script("window.isStillHere = true")
        self.page.search("quiet")
        self.page.follow(self.page.one("a[rel=next]"))
        self.assertTrue(self.page.script("return window.isStillHere === true"))
        self.assertEqual(self.page.script("return document.activeElement.id"), "results")
        self.assertEqual(self.page.script("return scrollY"), 0)

    def test_an_address_is_the_answer(self):
        self.page.open(self.home)
        self.page.search("quiet room")
        self.page.follow(self.page.one(".values.drawn a"))
        self.page.follow(self.page.one("a[rel=next]"))
        address, seen = self.page.driver.current_url, self.hits()
        self.page.open(self.home)
        self.page.open(address)
        self.assertEqual(self.hits(), seen)
        self.assertEqual(self.page.one("#q").get_attribute("value"), "quiet room")
        self.assertNotIn("sort=", address)

    def test_back_and_forward(self):
        self.page.open(self.home)
        self.page.search("quiet")
        first = self.page.driver.current_url
        hits = self.hits()
        self.page.script("scrollTo(0, 300); document.querySelector('a[rel=next]').click()")
        self.page.until_address("offset=10")
        self.page.until_settled()
        second = self.hits()
        self.page.search("battery")
        self.page.driver.back()
        self.page.until(lambda: self.hits() == second)
        self.assertEqual(self.page.one("#q").get_attribute("value"), "quiet")
        self.page.driver.back()
        self.page.until(lambda: self.hits() == hits)
        self.assertEqual(self.page.driver.current_url, first)
        self.page.until(lambda: self.page.script("return scrollY") == 300)
        self.page.driver.forward()
        self.page.until(lambda: self.hits() == second)
        self.expect_no_complaints()

    def test_a_whole_review_and_back(self):
        self.page.open(self.at(q="quiet scene"))
        title = self.page.text(".hit h2")
        self.page.follow(self.page.one(".hit h2 a"))
        self.assertEqual(self.page.text("article h1"), title)
        self.assertIn("scene", self.page.text(".body"))
        self.page.shoot("review")
        self.page.driver.back()
        self.page.until(lambda: len(self.hits()) == 10)
        self.expect_no_complaints()

    def test_nothing_found_helps(self):
        self.page.open(self.at(q="zzyzx", filter="date:2019"))
        self.assertIn("0 reviews", self.page.text("#total"))
        self.assertTrue(self.page.all(".hints dt a"))
        self.page.shoot("nothing")
        self.page.follow(self.page.one(".hints p a"))
        self.assertNotIn("filter", self.page.driver.current_url)

    def test_other_spellings_are_offered(self):
        self.page.open(self.at(q="batery"))
        self.assertEqual(self.page.text(".notice em"), "battery")
        self.page.shoot("suggestion")
        self.page.follow(self.page.one(".notice a"))
        self.assertEqual(self.page.one("#q").get_attribute("value"), "battery")
        self.assertTrue(self.hits())

    def test_what_was_left_out_is_said(self):
        self.page.open(self.at(q="quiet", n="many"))
        self.assertTrue(self.page.texts(".warning"))
        self.assertEqual(len(self.hits()), 10)

    def test_mistakes_are_pages_too(self):
        status, headers, text = sites.fetch(self.at(q="quiet", sort="nonsense"), Accept="text/html")
        self.assertEqual(status, 400)
        self.page.open(self.at(q="quiet", sort="nonsense"))
        self.assertIn("nonsense", self.page.text("[role=alert]"))
        self.assertTrue(self.page.one("#q").is_displayed())


class Narrowing(PageTest):
    def test_stars(self):
        self.page.open(self.at(q="quiet"))
        row = self.page.all(".values.drawn a")[1]
        self.assertIn("4 stars", row.text)
        count = re.sub("[^0-9]", "", row.find_element("css selector", ".count").text)
        self.page.follow(row)
        self.assertTrue(self.page.text("#total").startswith(count + " "))
        self.assertEqual({text[-12:] for text in self.page.texts(".stars")}, {"4 of 5 stars"})
        self.page.shoot("narrowed")
        self.page.follow(self.page.all(".values.drawn a")[0])       # another choice, in its place
        self.assertEqual({text[-12:] for text in self.page.texts(".stars")}, {"5 of 5 stars"})
        self.assertEqual(len(self.page.all(".chips a")), 1)
        self.page.follow(self.page.one(".chips a"))
        self.assertEqual(self.page.all(".chips a"), [])
        self.expect_no_complaints()

    def test_each_facet_counts_what_it_leads_to(self):
        self.page.open(self.at(q="quiet"))
        self.assertEqual(self.page.texts("aside h3"), ["Stars", "Year", "Product", "Language"])
        links = [(link.get_attribute("href"), link.find_element("css selector", ".count").get_attribute("textContent"))
                 for link in self.page.all(".values a")]
        self.assertGreater(len(links), 15)
        for address, said in links[::5]:
            _, _, text = sites.fetch(address, Accept="text/html")
            self.assertIn("<strong>%s</strong> review" % re.sub("[^0-9]", "", said), text)

    def test_filters_add_up_and_are_kept(self):
        self.page.open(self.at(q="quiet"))
        self.page.follow(self.page.one(".values:not(.drawn) a"))
        self.page.follow(self.page.one(".values.drawn a"))
        self.assertEqual(len(self.page.all(".chips a")), 2)
        self.page.search("slow")
        self.assertEqual(len(self.page.all(".chips a")), 2)
        self.page.follow(self.page.one("[aria-current]"))
        self.assertEqual(len(self.page.all(".chips a")), 1)

    def test_orders(self):
        self.page.open(self.at(q="quiet"))
        before = self.page.driver.current_url
        self.page.script("const sort = document.getElementById('sort'); sort.value = 'date:desc';"
                         "sort.dispatchEvent(new Event('change', {bubbles: true}))")
        self.page.until(lambda: self.page.driver.current_url != before)
        self.page.until_settled()
        dates = [time.get_attribute("datetime") for time in self.page.all("time")]
        self.assertEqual(dates, sorted(dates, reverse=True))
        self.assertEqual(self.page.one("#sort").get_attribute("value"), "date:desc")
        self.page.search("battery")
        self.assertIn("sort=date%3Adesc", self.page.driver.current_url)


class WithoutScript(PageTest):
    def setUp(self):
        super().setUp()
        self.page = shared.without_script
        self.page.look()

    def test_all_of_it(self):
        self.page.open(self.home)
        self.page.write("quiet")
        self.page.follow(self.page.one("#search button"))
        self.assertEqual(len(self.hits()), 10)
        self.assertIsNone(self.page.one("#q").get_attribute("role"))
        self.page.follow(self.page.one(".values.drawn a"))
        self.assertTrue(self.page.all(".chips a"))
        self.page.one("#sort option[value='date:desc']").click()
        self.page.follow(self.page.one(".head button"))
        dates = [time.get_attribute("datetime") for time in self.page.all("time")]
        self.assertEqual(dates, sorted(dates, reverse=True))
        self.page.follow(self.page.one("a[rel=next]"))
        self.assertEqual(self.page.one("ol.hits").get_attribute("start"), "11")
        self.page.shoot("without-script")
        self.page.driver.back()
        self.assertEqual(self.page.one("ol.hits").get_attribute("start"), "1")
        self.page.follow(self.page.one(".hit h2 a"))
        self.assertTrue(self.page.text(".body"))


class Looks(PageTest):
    PAGES = ({}, {"q": "quiet"}, {"q": "quiet", "filter": "date:2019 product:=\"Swan Protocol\""}, {"q": "hostile"},
             {"q": "zzyzx"}, {"q": "quiet", "group": "product"})

    def test_narrow_screens(self):
        for width in (320, 390):
            self.page.look(width, 844)
            for parameters in self.PAGES:
                self.page.open(self.at(**parameters))
                self.assertLessEqual(self.page.script("return document.documentElement.scrollWidth"), width, parameters)
            self.page.open(self.at(q="quiet"))
            self.assertTrue(self.page.one(".narrow-link").is_displayed())
            self.page.shoot("phone-%d" % width)
        self.page.one(".narrow-link").click()
        self.page.until(lambda: self.page.script("return document.getElementById('narrow').getBoundingClientRect().top") < 300)

    def test_dark(self):
        light, dark = [self.background(scheme) for scheme in ("light", "dark")]
        self.assertGreater(min(light), 200)
        self.assertLess(max(dark), 60)
        self.page.shoot("results-dark")

    def background(self, scheme):
        self.page.look(scheme=scheme)
        self.page.open(self.at(q="quiet"))
        return [int(part) for part in re.findall("[0-9]+", self.page.script("return getComputedStyle(document.body).backgroundColor"))]

    def test_keys(self):
        self.page.open(self.at(q="quiet"))
        self.page.press(Keys.TAB)
        self.assertEqual(self.page.driver.switch_to.active_element.text, "Skip to the results")
        self.page.press("/")
        self.assertEqual(self.page.script("return document.activeElement.id"), "q")
        self.page.press("/")
        self.assertIn("/", self.page.one("#q").get_attribute("value"))

    def test_everybody_can_use_it(self):
        if not shared.axe:
            self.skipTest(shared.why_no_axe)
        for scheme, width in (("light", 1200), ("dark", 1200), ("light", 390)):
            self.page.look(width, 900, scheme)
            for parameters in self.PAGES:
                self.page.open(self.at(**parameters))
                self.assertEqual(axe.faults(self.page.driver, shared.axe), [], (scheme, width, parameters))
            self.page.open(self.home + "review/shop/3")
            self.assertEqual(axe.faults(self.page.driver, shared.axe), [], (scheme, width, "review"))
        self.page.open(self.home)
        self.page.write("batt")
        self.page.until(lambda: self.page.all("#completions [role=option]"))
        self.page.press(Keys.ARROW_DOWN)
        self.assertEqual(axe.faults(self.page.driver, shared.axe), [], "completion")

    def test_first_page(self):
        self.page.open(self.home)
        self.assertEqual(self.page.script("return document.activeElement.id"), "q")
        self.assertIn("Search 244 reviews", self.page.text("h1"))
        self.page.shoot("first")


class Hostile(PageTest):
    def expect_harmless(self):
        self.assertNotIn("owned", self.page.driver.title[:5])
        self.assertEqual(self.page.all("main img, main script, main b, main [onload], main [onerror]"), [])
        for link in self.page.all("a[href]"):
            self.assertTrue(link.get_attribute("href").startswith(("http://", "https://")), link.get_attribute("href"))
        for link in self.page.all("main a[href^='https:']"):
            self.assertEqual(link.get_attribute("rel"), "noopener nofollow ugc")
        self.assertNotRegex(self.page.text("body"), "[\u202d\u202e\x1b\x85]")
        self.expect_no_complaints()

    def test_reviews_stay_text(self):
        self.page.open(self.at(q="hostile"))
        self.assertEqual(len(self.hits()), 4)
        self.assertIn(sites.ATTACK + " hostile", self.hits())
        self.assertTrue(any("<img src=x onerror=" in text for text in self.page.texts(".snippet")))
        self.expect_harmless()
        self.page.shoot("hostile")
        self.page.search("hostile text")
        self.expect_harmless()

    def test_whole_reviews_stay_text(self):
        self.page.open(self.at(q="hostile"))
        for address in [link.get_attribute("href") for link in self.page.all(".hit h2 a")]:
            self.page.open(address)
            self.assertIn("hostile", self.page.text("article h1"))
            self.expect_harmless()

    def test_values_of_facets_stay_text(self):
        self.page.open(self.at(q="hostile"))
        row = next(link for link in self.page.all(".values a") if "<script>" in link.text)
        self.page.follow(row)
        self.assertEqual(len(self.hits()), 1)
        self.assertIn("<script>", self.page.text(".chips"))
        self.expect_harmless()

    def test_queries_stay_text(self):
        attack = "\"></title>" + sites.ATTACK + "<img src=x onerror=alert(1)>"
        self.page.open(self.at(q=attack, filter="lang:\"" + attack, sort="\"><script>alert(1)</script>"))
        self.expect_harmless_address()
        self.page.open(self.at(q=attack))
        self.assertEqual(self.page.one("#q").get_attribute("value"), attack)
        self.expect_harmless()

    def expect_harmless_address(self):
        self.assertEqual(self.page.all("main img, main script"), [])
        self.assertNotEqual(self.page.driver.title, "owned")
        for complaint in self.page.complaints():         # nothing but that the address was refused
            self.assertIn("400 (Bad Request)", complaint)

    def test_the_policy_is_strict(self):
        status, headers, _ = sites.fetch(self.at(q="quiet"), Accept="text/html")
        policy = headers["Content-Security-Policy"]
        self.assertEqual(status, 200)
        for rule in ("default-src 'none'", "script-src 'self'", "style-src 'self'", "base-uri 'none'", "frame-ancestors"):
            self.assertIn(rule, policy)
        self.assertNotIn("unsafe", policy)
        self.assertEqual(headers["X-Content-Type-Options"], "nosniff")
        self.assertIn("Referrer-Policy", headers)


class Elsewhere(PageTest):
    """The box on a page of another origin."""
    BOX = "return document.querySelector('#here > div').shadowRoot"

    def setUp(self):
        super().setUp()
        self.other = sites.OtherSite(self.home)
        self.page.open(self.other.address)
        self.page.until(lambda: self.page.script("return document.querySelector('#here > div')?.shadowRoot != null"))

    def tearDown(self):
        self.other.shutdown()
        self.other.server_close()

    def test_one_line_is_a_box(self):
        box = self.page.script(self.BOX + ".querySelector('input')")
        self.assertEqual(box.get_attribute("aria-label"), "Search our reviews")
        self.assertTrue(box.is_displayed())              # the other page's styles do not reach it
        self.page.shoot("elsewhere")
        box.send_keys("quiet", Keys.ENTER)
        self.page.until_address(self.home + "?q=quiet")
        self.assertTrue(self.hits())

    def test_words_are_offered_there(self):
        self.page.script(self.BOX + ".querySelector('input')").send_keys("batt")
        options = self.BOX + ".querySelectorAll('[role=option] bdi')"
        self.page.until(lambda: self.page.script(options))
        self.assertIn("battery", [option.text for option in self.page.script(options)])
        self.page.shoot("elsewhere-completion")
        self.expect_no_complaints()

    def test_nothing_of_it_is_seen_outside(self):
        names = self.page.script("return ['attachCompletion', 'box', 'script', 'element'].filter((name) => name in window)")
        self.assertEqual(names, [])
