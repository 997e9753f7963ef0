from channels_ingest.adapters.email.calendars import read_calendar

INVITATION = """BEGIN:VCALENDAR
METHOD:REQUEST
BEGIN:VTIMEZONE
TZID:Europe/Vienna
END:VTIMEZONE
BEGIN:VEVENT
UID:1
SUMMARY:Visit\\, with tea
DTSTART;TZID=Europe/Vienna:20250401T100000
DURATION:PT90M
LOCATION:Main hall
ORGANIZER;CN=Ann Lee:mailto:ann@shop.example
ATTENDEE;CN=Bob:MAILTO:bob@shop.example
ATTENDEE:mailto:eve@shop.example
END:VEVENT
END:VCALENDAR
""".replace("\n", "\r\n")


class TestReadCalendar:
    def test_says_what_when_where_and_who(self):
        events, summary = read_calendar(INVITATION)

        assert summary == (
            "Invitation: Visit, with tea\n"
            "When: 2025-04-01 10:00:00+02:00 to 2025-04-01 11:30:00+02:00\n"
            "Where: Main hall\n"
            "Organizer: Ann Lee <ann@shop.example>\n"
            "Invited: Bob <bob@shop.example>, eve@shop.example"
        )
        assert events[0].title == "Visit, with tea"
        assert events[0].attendees == ("Bob <bob@shop.example>", "eve@shop.example")

    def test_reads_whole_days(self):
        text = INVITATION.replace(
            "DTSTART;TZID=Europe/Vienna:20250401T100000", "DTSTART;VALUE=DATE:20250401"
        ).replace("DURATION:PT90M", "DTEND;VALUE=DATE:20250402")

        assert "When: 2025-04-01 to 2025-04-02" in read_calendar(text)[1]

    def test_names_a_cancellation(self):
        text = INVITATION.replace("REQUEST", "CANCEL")

        assert read_calendar(text)[1].startswith("Canceled: Visit")

    def test_gives_nothing_for_what_is_no_calendar(self):
        for text in ("", "BEGIN:VEVENT", "BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nX"):
            assert read_calendar(text) == ((), "")

    def test_survives_values_that_make_no_sense(self):
        text = INVITATION.replace("20250401T100000", "20259999T999999")

        events, _ = read_calendar(text)

        assert not events or events[0].starts_at == ""
