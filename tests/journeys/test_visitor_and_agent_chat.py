"""The whole story in two browsers: somebody on a website, and an agent at the desk."""

import re
from uuid import uuid4

from playwright.sync_api import expect

from tests.journeys.browser import IN_EACH_BROWSER, PHONE
from tests.journeys.letters import letter
from tests.journeys.people import Agent, Shopper, words

pytestmark = IN_EACH_BROWSER

LONG_AGO = """
UPDATE chat_chatstate SET unseen_since = now() - interval '10 minutes'
WHERE unseen_since IS NOT NULL
"""


class TestClaim:
    def test_reaches_the_agent_who_looks_and_leaves_with_the_visitor(
        self, visit, sign_in
    ):
        question = words("Whose address is it?")
        agent, shopper = Agent(sign_in("noor")), Shopper(visit())
        agent.window.goto("/queues/all/")
        shopper.begin(question)
        agent.opens(question)
        rail, panel = agent.page.locator("#customer"), shopper.panel
        expect(rail).to_contain_text("Visitor, not proven")

        panel.get_by_role("button", name="Add email").click()
        panel.get_by_role("textbox", name="email").fill("claimed@people.example")
        panel.get_by_role("button", name="Save").click()
        expect(rail).to_contain_text("Says: claimed@people.example", timeout=3000)

        panel.get_by_role("button", name="Back").click()
        panel.get_by_role("button", name="More").click()
        panel.get_by_role("menuitem", name="Delete my data").click()
        panel.get_by_role("button", name="Delete everything").click()
        expect(rail).not_to_contain_text("claimed@people.example", timeout=3000)


class TestVisitorAndAgentChat:
    def test_from_the_first_word_to_the_rating(self, visit, sign_in):
        question, answer = words("Does it float?"), words("It does.")
        agent = Agent(sign_in("noor"))
        agent.window.goto("/queues/all/")
        shopper = Shopper(visit())

        shopper.begin(question)
        agent.opens(question)
        shopper.types("And with a d")
        expect(agent.page.locator("#presence")).to_contain_text("typing")
        shopper.field.press("Enter")
        agent.sees("And with a d")
        expect(agent.page.locator("#presence")).not_to_contain_text(
            "typing", timeout=1000
        )
        shopper.types("o")
        expect(agent.page.locator("#presence")).to_contain_text("typing", timeout=1000)
        agent.types("It")
        expect(shopper.panel.get_by_text("Noor is writing")).to_be_attached()
        agent.answers(answer)
        shopper.sees(answer)
        expect(agent.page.locator("#timeline")).to_contain_text("Seen")

        more = shopper.panel.get_by_role("button", name="More")
        more.click()
        shopper.panel.get_by_role("menuitem", name=re.compile("End")).click()
        confirm = shopper.panel.get_by_role("button", name=re.compile("^End"))
        if confirm.count():
            confirm.first.click()
        shopper.panel.get_by_text("😍").click()
        expect(agent.page.locator("#timeline")).to_contain_text("5")

    def test_leads_to_a_page_that_an_answer_of_several_lines_names(
        self, visit, sign_in
    ):
        question, address = words("Where is it?"), "https://parcels.example/1047?a=1"
        agent = Agent(sign_in("noor"))
        agent.window.goto("/queues/all/")
        shopper = Shopper(visit())
        shopper.begin(question)
        agent.opens(question)

        agent.field.fill(f"On its way:\n{address}.\nIt comes tomorrow.")
        agent.field.press("Enter")

        link = shopper.panel.get_by_role("log").get_by_role("link", name=address)
        expect(link).to_have_attribute("href", address)
        expect(link).to_have_text(address)

    def test_is_found_again_tomorrow(self, visit, sign_in):
        question, answer = words("Is it warm?"), words("Down to minus ten.")
        agent = Agent(sign_in("noor"))
        agent.window.goto("/queues/all/")
        window = visit()
        shopper = Shopper(window)
        shopper.begin(question)
        expect(shopper.panel.get_by_text("Sent", exact=True)).to_be_visible()
        shopper.page.close()
        agent.opens(question)
        agent.answers(answer)

        window.page = window.context.new_page()
        again = Shopper(window)
        expect(again.launcher).to_have_attribute("aria-label", re.compile("1"))
        again.go_on()

        again.sees(question)
        again.sees(answer)

    def test_survives_a_tunnel(self, visit, sign_in):
        first, unsent = words("Do you deliver to Skye?"), words("By Friday?")
        answer = words("We do, on Thursdays.")
        agent = Agent(sign_in("noor"))
        agent.window.goto("/queues/all/")
        shopper = Shopper(visit())
        shopper.begin(first)
        agent.opens(first)

        shopper.window.context.set_offline(True)
        shopper.say(unsent)
        agent.answers(answer)
        shopper.window.context.set_offline(False)

        shopper.sees(answer)
        agent.sees(unsent)
        expect(shopper.bubble(unsent)).to_have_count(1)
        expect(agent.page.locator("#timeline").get_by_text(unsent)).to_have_count(1)

    def test_is_the_same_on_a_second_device(self, visit, sign_in):
        question, answer = words("Where is my parcel?"), words("In Leeds.")
        agent = Agent(sign_in("noor"))
        agent.window.goto("/queues/all/")
        laptop = Shopper(visit())
        laptop.page.get_by_role("button", name="Sign in as Maya").click()
        expect(laptop.page.get_by_text("Signed in as")).to_be_visible()
        laptop.begin(question)
        agent.opens(question)

        phone = Shopper(visit(viewport=PHONE))
        phone.page.get_by_role("button", name="Sign in as Maya").click()
        expect(phone.page.get_by_text("Signed in as")).to_be_visible()
        phone.open()
        phone.panel.get_by_role("button").filter(has_text=question).first.click()
        phone.sees(question)
        agent.answers(answer)

        phone.sees(answer)
        laptop.sees(answer)

    def test_goes_on_by_mail_and_comes_back(self, desk, postbox, visit, sign_in):
        question, answer = words("Is the stove back soon?"), words("In a week.")
        thanks = words("Then I wait for it.")
        address = f"wanda@{uuid4().hex[:6]}.example"
        agent = Agent(sign_in("noor"))
        agent.window.goto("/queues/all/")
        shopper = Shopper(visit())
        shopper.begin(question)
        agent.opens(question)
        shopper.panel.get_by_role("button", name="Add email").click()
        shopper.panel.get_by_role("textbox", name="Your email").fill(address)
        shopper.panel.get_by_role("button", name="Save").click()
        expect(shopper.panel.get_by_text(address)).to_be_visible()
        shopper.page.close()

        agent.answers(answer)
        desk.rows(LONG_AGO)
        mail = postbox.wait_for(address)
        assert answer in mail.get_body(("plain",)).get_content()
        desk.send(letter(sender=f"Wanda <{address}>", text=thanks, answers=mail))

        agent.sees(thanks)
        expect(agent.page.locator("#timeline")).to_contain_text(address)
        assert len(postbox.of(address)) == 1

    def test_unfolded_pages_stay_so_while_the_chat_goes_on(self, visit, sign_in):
        question, more = words("Which tent is light?"), words("For two of us.")
        agent = Agent(sign_in("noor"))
        agent.window.goto("/queues/all/")
        shopper = Shopper(visit())
        shopper.begin(question)
        agent.opens(question)
        pages = agent.page.locator("#timeline-items details.event-pages").last

        pages.locator("summary").click()
        expect(pages).to_have_attribute("open", "")
        shopper.say(more)
        agent.sees(more)

        expect(pages).to_have_attribute("open", "")
        expect(pages.locator("li").first).to_be_visible()

    def test_fills_a_phone(self, visit):
        shopper = Shopper(visit(viewport=PHONE, has_touch=True, is_mobile=True))
        shopper.open()

        box = shopper.page.locator("iframe").bounding_box()
        assert (box["x"], box["y"]) == (0, 0)
        assert (box["width"], box["height"]) == (PHONE["width"], PHONE["height"])
        shopper.panel.get_by_role("button", name="Close").click()
        expect(shopper.page.locator("iframe")).to_be_hidden()
