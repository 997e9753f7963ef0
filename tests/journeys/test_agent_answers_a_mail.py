"""The whole story: a mail arrives, is answered, and its answer lands beside it."""

import re

from playwright.sync_api import expect

from tests.journeys.letters import address_of, letter, somebody, subject_of

QUESTION = "Hello,\n\nmy lantern flickers since Sunday. Can it be repaired?\n\nWanda"
THANKS = "Wonderful, thank you. I will send it in tomorrow."
QUOTED = "How is the tent that you have bought?"
PRICES = {
    "name": "repair prices.pdf",
    "mimeType": "application/pdf",
    "buffer": b"%PDF-1.4\n%a price list\n",
}


class TestAgentAnswersAMail:
    def test_from_the_first_mail_to_the_last(self, desk, postbox, sign_in):
        customer, subject = somebody(), subject_of("A lantern that flickers")
        noor = sign_in("noor").page

        _sees_a_lively_desk(noor)
        desk.send(letter(sender=customer, subject=subject, text=QUESTION))
        _opens_what_arrives(noor, subject)
        _writes(noor)
        _sends_and_takes_back(noor, postbox, customer)
        _sends_for_good(noor)
        answer = postbox.wait_for(address_of(customer))
        _it_is_threaded(answer, subject)
        _scrolls_up_and_is_told_of_news(
            noor,
            lambda: desk.send(letter(sender=customer, text=THANKS, answers=answer)),
        )
        _closes(noor, subject)

    def test_with_what_was_quoted_unfolded_meanwhile(self, desk, sign_in):
        customer, subject = somebody(), subject_of("A torn tent")
        window = sign_in("noor")
        page = window.page
        text = f"It is torn.\n\nOn Monday you wrote:\n> {QUOTED}\n> Noor"
        desk.send(letter(sender=customer, subject=subject, text=text))
        window.goto("/queues/all/")
        page.locator(".row", has_text=subject).get_by_role("link").click()
        quoted = page.locator("#timeline").get_by_text(QUOTED)

        page.locator("#timeline details.quoted summary").click()
        expect(quoted).to_be_visible()
        page.get_by_role("textbox", name="Your answer").fill("We mend it.")
        page.keyboard.press("Control+Enter")

        expect(page.locator("#timeline").get_by_text("We mend it.")).to_be_visible()
        expect(quoted).to_be_visible()

    def test_of_a_topic_that_got_another_name(self, desk, postbox, sign_in):
        customer, subject = somebody(), subject_of("Hello")
        name = subject_of("Crampons and wide boots")
        window = sign_in("noor")
        page = window.page
        desk.send(letter(sender=customer, subject=subject, text="Do they fit?"))
        window.goto("/queues/all/")
        page.locator(".row", has_text=subject).get_by_role("link").click()

        page.get_by_role("button", name="More", exact=True).press("Enter")
        page.get_by_role("button", name="Rename this topic").press("Enter")
        field = page.get_by_label("What this topic is about")
        expect(field).to_be_focused()
        expect(field).to_have_value(subject)
        page.keyboard.type(name)
        page.keyboard.press("Enter")

        expect(page.get_by_role("heading", level=1, name=name)).to_be_visible()
        expect(page.locator(".row", has_text=name)).to_be_visible()
        page.get_by_role("textbox", name="Your answer").fill("They do.")
        page.keyboard.press("Control+Enter")
        answer = postbox.wait_for(address_of(customer))
        assert answer["Subject"] == f"Re: {subject}"
        assert name not in answer.as_string()

    def test_and_takes_it_back_before_the_desk_has_answered(self, desk, sign_in):
        subject = subject_of("A quick one")
        window = sign_in("noor")
        page = window.page
        desk.send(letter(sender=somebody(), subject=subject, text="Quick?"))
        window.goto("/queues/all/")
        page.locator(".row", has_text=subject).get_by_role("link").click()

        def hold(route):
            answer = route.fetch()
            expect(page.locator("[data-undo-send]")).to_be_visible()
            page.keyboard.press("Control+z")
            route.fulfill(response=answer)

        page.route("**/reply/", hold)
        page.get_by_role("textbox", name="Your answer").fill("Quick as can be.")
        with page.expect_response("**/undo/"):
            page.keyboard.press("Control+Enter")

        expect(page.locator(".htmx-request")).to_have_count(0)
        expect(page.locator(".message.is-out")).to_have_count(0)
        editor = page.get_by_role("textbox", name="Your answer")
        expect(editor).to_have_text("Quick as can be.")


def _sees_a_lively_desk(page):
    page.get_by_role("link", name=re.compile("^All open")).click()

    expect(page).to_have_title(re.compile("All open"))
    expect(page.locator(".row").first).to_be_visible()


def _opens_what_arrives(page, subject):
    row = page.locator(".row", has_text=subject).first
    expect(row).to_be_visible()
    expect(row).to_have_class(re.compile("is-unread"))

    row.get_by_role("link").click()

    expect(page.get_by_role("heading", level=1, name=subject)).to_be_visible()
    message = page.get_by_role("log").locator(".message").last
    expect(message).to_contain_text("my lantern flickers since Sunday")
    expect(page.locator("#customer")).to_contain_text("Wanda")
    expect(row).not_to_have_class(re.compile("is-unread"))


def _writes(page):
    editor = page.get_by_role("textbox", name="Your answer")
    editor.click()
    editor.press_sequentially("Hi Wanda, yes, and it is ")
    page.get_by_role("button", name="Bold").click()
    editor.press_sequentially("free of charge")
    page.get_by_role("button", name="Bold").click()
    editor.press_sequentially(".")
    page.locator("input[type=file][name=files]").set_input_files([PRICES])

    expect(page.locator("#composer-uploads")).to_contain_text("repair prices.pdf")
    expect(page.locator("#composer-uploads input[name=upload]")).to_have_count(1)
    expect(page.locator("[data-state]")).to_have_text("Saved")


def _sends_and_takes_back(page, postbox, customer):
    page.get_by_role("button", name=re.compile("^Send Ctrl")).click()
    sent = page.locator(".message.is-out").last
    expect(sent).to_contain_text("free of charge")
    expect(sent.locator("undo-countdown")).to_have_text(re.compile(r"Leaves in \d+ s"))
    left = sent.locator("undo-countdown").inner_text()
    expect(sent.locator("undo-countdown")).not_to_have_text(left)

    page.keyboard.press("Control+z")

    expect(page.locator(".message.is-out")).to_have_count(0)
    editor = page.get_by_role("textbox", name="Your answer")
    expect(editor).to_be_focused()
    expect(editor).to_contain_text("free of charge")
    expect(editor.locator("b, strong")).to_have_text("free of charge")
    expect(page.locator("#composer-uploads")).to_contain_text("repair prices.pdf")
    assert postbox.of(address_of(customer)) == []


def _sends_for_good(page):
    page.get_by_role("button", name=re.compile("^Send Ctrl")).click()

    sent = page.locator(".message.is-out").last
    expect(sent.locator(".delivery")).to_contain_text(re.compile("Sent|Delivered"))
    expect(sent).to_contain_text("repair prices.pdf")


def _it_is_threaded(answer, subject):
    assert answer["Subject"] == f"Re: {subject}"
    assert answer["In-Reply-To"].endswith("@mailer.example>")
    assert answer["References"].split()[-1] == answer["In-Reply-To"]
    assert re.fullmatch(
        r"support\+r[a-z2-7]{40}@larchwood\.example",
        answer["Reply-To"].addresses[0].addr_spec,
    )
    html = answer.get_body(("html",)).get_content()
    assert re.search(r"<(b|strong)>free of charge</\1>", html)
    assert "flickers since Sunday" in html
    assert [it.get_filename() for it in answer.iter_attachments()] == [
        "repair prices.pdf"
    ]


def _scrolls_up_and_is_told_of_news(page, customer_answers):
    timeline = page.get_by_role("log")
    messages = timeline.locator(".message").count()
    page.set_viewport_size({"width": 1600, "height": 480})
    timeline.evaluate("timeline => timeline.scrollTo(0, 0)")
    expect(timeline.locator(".message").first).to_be_in_viewport()

    customer_answers()

    pill = page.get_by_role("button", name="1 new")
    expect(pill).to_be_visible()
    assert timeline.evaluate("timeline => timeline.scrollTop") == 0
    pill.click()
    expect(timeline.locator(".message")).to_have_count(messages + 1)
    news = timeline.locator(".message").last
    expect(news).to_be_in_viewport()
    expect(news).to_contain_text("Wonderful, thank you")
    expect(pill).to_have_count(0)
    page.set_viewport_size({"width": 1600, "height": 1000})


def _closes(page, subject):
    page.get_by_role("button", name="Close", exact=True).click()

    expect(page.get_by_role("button", name="Reopen")).to_be_visible()
    expect(page.locator(".row", has_text=subject)).to_have_count(0)
