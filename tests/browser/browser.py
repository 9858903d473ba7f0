"""Chromium, without a window, through its driver: what the tests do with it, in words."""
import os
import shutil

try:
    from selenium import webdriver
    from selenium.common.exceptions import StaleElementReferenceException
    from selenium.webdriver.chrome.service import Service
    from selenium.webdriver.common.by import By
    from selenium.webdriver.common.keys import Keys
    from selenium.webdriver.support.ui import WebDriverWait
except ImportError:
    webdriver = None

WAIT_SECONDS = 30
ARGUMENTS = ("--headless=new", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", "--disable-dev-shm-usage", "--lang=en",
             "--disable-background-networking", "--disable-component-update", "--no-first-run")


def missing():
    """Why no browser can be had here; None when it can."""
    if webdriver is None:
        return "Selenium is not installed: apt-get install python3-selenium"
    for program, package in (("chromium", "chromium"), ("chromedriver", "chromium-driver")):
        if not shutil.which(program):
            return "%s is not installed: apt-get install %s" % (program, package)
    return None


class Browser:
    """One window. Its sizes are those of the page; media features are emulated."""
    def __init__(self, shots, with_script=True):
        options = webdriver.ChromeOptions()
        for argument in ARGUMENTS:
            options.add_argument(argument)
        options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
        if not with_script:
            options.add_experimental_option("prefs", {"profile.managed_default_content_settings.javascript": 2})
        self.driver = webdriver.Chrome(service=Service(shutil.which("chromedriver")), options=options)
        self.driver.set_page_load_timeout(WAIT_SECONDS)
        self.driver.set_script_timeout(WAIT_SECONDS)
        self.shots = shots
        self.look()

    def quit(self):
        self.driver.quit()

    def look(self, width=1200, height=900, scheme="light"):
        self.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride",
                                    {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 600})
        self.driver.execute_cdp_cmd("Emulation.setEmulatedMedia",
                                    {"features": [{"name": "prefers-color-scheme", "value": scheme}]})

    def open(self, address):
        self.driver.get(address)

    def shoot(self, name):
        self.driver.save_screenshot(os.path.join(self.shots, name + ".png"))

    def all(self, selector):
        return self.driver.find_elements(By.CSS_SELECTOR, selector)

    def one(self, selector):
        return self.driver.find_element(By.CSS_SELECTOR, selector)

    def texts(self, selector):
        return [element.get_attribute("textContent").strip() for element in self.all(selector)]

    def text(self, selector):
        return self.one(selector).get_attribute("textContent").strip()

    def script(self, text, *arguments):
        return self.driver.execute_script(text, *arguments)

    def until(self, holds):
        """Waits for a condition of the page, asked again and again; elements may go away meanwhile."""
        return WebDriverWait(self.driver, WAIT_SECONDS, 0.02,
                             ignored_exceptions=(StaleElementReferenceException,)).until(lambda driver: holds())

    def until_address(self, part):
        self.until(lambda: part in self.driver.current_url)

    def until_settled(self):
        """The answer that was asked for is there."""
        self.until(lambda: self.script("return document.readyState === 'complete' && "
                                       "!document.documentElement.classList.contains('waiting')"))

    def write(self, text):
        """Types into the search box, in place of what stands there."""
        box = self.one("#q")
        box.clear()
        box.send_keys(text)

    def press(self, *keys):
        self.driver.switch_to.active_element.send_keys(*keys)

    def search(self, text):
        before = self.driver.current_url
        self.write(text)
        self.press(Keys.ENTER)
        self.until(lambda: self.driver.current_url != before)
        self.until_settled()

    def follow(self, element):
        """Clicks what leads to another address, and waits for the answer."""
        before = self.driver.current_url
        element.click()
        self.until(lambda: self.driver.current_url != before)
        self.until_settled()

    def complaints(self):
        """What the browser said about errors: of scripts, of the policy, of files that were not there."""
        return [entry["message"] for entry in self.driver.get_log("browser") if entry["level"] == "SEVERE"]
