"""What happens while a page is on its way is on it a moment later."""

import threading

from playwright.sync_api import expect

from tests.journeys.letters import letter, somebody, subject_of

ITEMS = (
    "SELECT count(*) FROM inbox_timelineitem JOIN inbox_conversation conversation"
    " ON conversation.id = conversation_id WHERE conversation.subject = %s"
)

PAGE = r"""() => performance.getEntriesByType("resource")
  .map(it => it.name).find(it => /\/js\/page[.\w]*\.js$/.test(it))"""
BUSY = """async (url) => {
  const { spaced } = await import(url);
  let calls = 0;
  const wanted = spaced(() => (calls += 1), { wait: 20, pause: 200 });
  const until = performance.now() + 1500;
  while (performance.now() < until) {
    wanted();
    await new Promise((go) => setTimeout(go, 5));
  }
  return calls;
}"""


def wait_until_stored(desk, subject, *, items=1):
    for _ in range(600):
        if desk.rows(ITEMS, subject)[0][0] >= items:
            return
        threading.Event().wait(0.1)
    raise AssertionError(f"{subject} was not stored within a minute")


class TestNewsIsNeverMissed:
    def test_by_a_desk_that_took_its_time(self, desk, sign_in):
        window = sign_in("noor")
        subject = subject_of("Written while the desk loaded")

        def hold(route):
            answer = route.fetch()
            desk.send(letter(sender=somebody(), subject=subject, text="Did I make it?"))
            wait_until_stored(desk, subject)
            route.fulfill(response=answer)

        window.page.route("**/queues/all/", hold)
        window.goto("/queues/all/")

        expect(window.page.locator(".row", has_text=subject)).to_be_visible()

    def test_by_a_conversation_that_took_its_time(self, desk, sign_in):
        window, customer = sign_in("noor"), somebody()
        page = window.page
        subject = subject_of("Two letters in a row")
        desk.send(letter(sender=customer, subject=subject, text="The first one."))
        window.goto("/queues/all/")

        def hold(route):
            answer = route.fetch()
            desk.send(letter(sender=customer, subject=subject, text="The second one."))
            wait_until_stored(desk, subject, items=2)
            expect(page.locator(".row", has_text="The second one.")).to_be_visible()
            route.fulfill(response=answer)

        row = page.locator(".row", has_text=subject)
        expect(row).to_be_visible()
        page.route("**/conversations/*/?queue=all", hold)
        row.get_by_role("link").click()

        expect(page.get_by_role("log")).to_contain_text("The second one.")

    def test_by_a_list_that_never_comes_to_rest(self, sign_in):
        window = sign_in("noor")
        window.goto("/queues/all/")

        calls = window.page.evaluate(BUSY, window.page.evaluate(PAGE))

        assert 2 <= calls <= 9
