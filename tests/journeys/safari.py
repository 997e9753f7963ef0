"""Safari's engine, as WebKitGTK has it, by WebDriver: Playwright cannot speak to it."""

import contextlib
import subprocess

import pytest
from selenium.common.exceptions import StaleElementReferenceException
from selenium.webdriver import ActionChains, WebKitGTK, WebKitGTKOptions
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.wait import WebDriverWait
from selenium.webdriver.webkitgtk.service import Service

from helpdesk.bootstrap import find_program
from tests.journeys.browser import PATIENCE

SIZE = (1200, 900)
BUTTON = "//button[contains(normalize-space(), '{}')]"


@contextlib.contextmanager
def open_safari():
    """Yield a WebDriver session in a window that nobody sees."""
    driver, screen = find_program("WebKitWebDriver"), find_program("Xvfb")
    if not (driver and screen):
        pytest.skip("WebKit or Xvfb is not on this machine; make e2e installs them")
    with _screen(screen) as display:
        service = Service(driver, env={"DISPLAY": display})
        browser = WebKitGTK(options=WebKitGTKOptions(), service=service)
        try:
            browser.set_window_size(*SIZE)
            yield browser
        finally:
            browser.quit()


@contextlib.contextmanager
def _screen(program):
    command = [program, "-displayfd", "1", "-screen", "0", "1600x1000x24"]
    with subprocess.Popen(
        [*command, "-nolisten", "tcp"],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as screen:
        try:
            yield f":{screen.stdout.readline().strip()}"
        finally:
            screen.terminate()


class SafariShopper:
    """Somebody in Safari with a page of a shop before them."""

    def __init__(self, browser, url):
        self.browser = browser
        self.wait = WebDriverWait(
            browser,
            PATIENCE / 1000,
            ignored_exceptions=[StaleElementReferenceException],
        )
        browser.get(url)
        self.wait.until(lambda _: self.launcher.is_displayed())

    @property
    def _stage(self):
        self.browser.switch_to.default_content()
        return self.browser.find_element(By.CSS_SELECTOR, "tributary-chat").shadow_root

    @property
    def launcher(self):
        return self._stage.find_element(By.CSS_SELECTOR, "button.l")

    def open(self):
        self.launcher.click()
        self.enter()

    def enter(self):
        """Turn to the panel; from here on its elements are the ones that are found."""
        self.wait.until(lambda _: self._frames())
        self.browser.switch_to.frame(self._frames()[0])
        self.find("//h1")

    def _frames(self):
        return self._stage.find_elements(By.CSS_SELECTOR, "iframe")

    def find(self, path, then=lambda it: it):
        """Wait for an element of the panel that can be seen, and do something to it."""

        def try_once(_):
            found = self.browser.find_elements(By.XPATH, path)
            seen = next((it for it in found if it.is_displayed()), None)
            return seen and (then(seen) or seen)

        return self.wait.until(try_once, f"nothing is at {path}")

    def press(self, name):
        self.find(BUTTON.format(name), then=lambda it: it.click())

    def begin(self, text):
        self.open()
        self.press("Start a")
        self.say(text)

    def say(self, text):
        self.find("//textarea").send_keys(text, Keys.ENTER)
        self.sees(text)

    def strike(self, key):
        """Press a key, whatever has the focus."""
        ActionChains(self.browser).send_keys(key).perform()

    def sees(self, text):
        return self.find(f"//*[@role='log']//*[contains(text(), '{text}')]")

    def is_seen_to_hold(self, script):
        """Wait until a script of one expression is true, wherever we are."""
        return self.wait.until(
            lambda _: self.browser.execute_script(f"return {script}"), script
        )

    def kept(self, stored):
        """Return what `stored`, an asynchronous function, finds where we are."""
        return self.browser.execute_async_script(
            f"const done = arguments[0]; ({stored})().then(done)"
        )
