"""What visitors do in Safari; the agent sits at her desk as ever."""

import pytest
from selenium.webdriver.common.keys import Keys

from tests.journeys.people import Agent, words
from tests.journeys.safari import SafariShopper, open_safari
from tests.journeys.strict_shop import NOTHING, STORED


@pytest.fixture
def safari():
    with open_safari() as safari:
        yield safari


class TestVisitorInSafari:
    def test_chats_and_finds_the_chat_again(self, safari, shop, sign_in):
        question, answer = words("Does it float?"), words("It does.")
        agent = Agent(sign_in("noor"))
        agent.window.goto("/queues/all/")
        shopper = SafariShopper(safari, shop.url)

        shopper.begin(question)
        agent.opens(question)
        agent.types("It")
        shopper.find("//*[contains(text(), 'Noor is writing')]")
        agent.answers(answer)
        shopper.sees(answer)

        again = SafariShopper(safari, shop.url)
        again.open()
        again.press("Noor")
        again.sees(question)
        again.sees(answer)

    def test_chats_on_another_site_than_the_desks(self, safari, shop, sign_in):
        question, answer = words("Is it warm?"), words("Down to minus ten.")
        agent = Agent(sign_in("noor"))
        agent.window.goto("/queues/all/")
        shopper = SafariShopper(safari, f"{shop.far_url}/far")

        shopper.begin(question)
        agent.opens(question)
        agent.answers(answer)
        shopper.sees(answer)

        again = SafariShopper(safari, f"{shop.far_url}/far")
        again.open()
        again.press("Noor")
        again.sees(answer)

    def test_keeps_nothing_before_something_is_written(self, safari, shop):
        shopper = SafariShopper(safari, shop.url)
        shopper.open()

        assert shopper.kept(STORED) == NOTHING
        safari.switch_to.default_content()
        assert shopper.kept(STORED) == NOTHING
        assert safari.get_cookies() == []

    def test_goes_in_and_comes_back_by_keyboard(self, safari, shop):
        shopper = SafariShopper(safari, shop.url)

        shopper.launcher.send_keys(Keys.ENTER)
        shopper.enter()
        shopper.is_seen_to_hold("document.hasFocus()")
        # No frame from elsewhere may choose what has the focus before it was used.
        shopper.strike(Keys.TAB)
        shopper.is_seen_to_hold("document.activeElement.matches('button')")
        shopper.strike(Keys.ESCAPE)
        safari.switch_to.default_content()

        focused = "document.querySelector('tributary-chat').shadowRoot.activeElement"
        shopper.is_seen_to_hold(f"{focused}?.getAttribute('aria-expanded') === 'false'")
