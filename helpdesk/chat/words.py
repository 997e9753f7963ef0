"""What the panel says, in the language that is active.

The page in the panel has no catalog of its own: it is handed these words, and fills
the {named} gaps itself, with numbers and times as the visitor's language writes them.
"""

from django.utils.translation import gettext as _
from django.utils.translation import pgettext


def panel_words() -> dict[str, str]:
    """Return everything the panel may say, by the keys that its scripts use."""
    return {
        **_home(),
        **_form(),
        **_conversation(),
        **_composer(),
        **_sending(),
        **_menu(),
        **_rating(),
    }


def _home() -> dict[str, str]:
    return {
        "greeting": _("Hello, how can we help?"),
        "answersIn": _("We usually answer in {time}"),
        "usually": _("usually {time}"),
        "openUntil": _("Open today until {time}"),
        "closedUntil": _("Closed now, back {time}"),
        "closed": _("Closed now"),
        "zone": _("{place} time"),
        "people": _("Who answers here"),
        "home": _("Home"),
        "start": _("Start a conversation"),
        "startNew": _("Start a new conversation"),
        "goOn": _("Go on with your conversation"),
        "conversations": _("Your conversations"),
        "showAll": _("Show all"),
        "showEarlier": _("Show earlier conversations"),
        "unread": _("Unread"),
        "ended": _("Ended"),
        "you": pgettext("who wrote", "You"),
        "yours": _("You: {text}"),
        "sentFile": _("A file"),
        "notHere": _("You can start a conversation once you have signed in."),
        "broken": _("The chat could not be loaded."),
        "again": _("Try again"),
        "close": _("Close"),
        "back": _("Back"),
    }


def _form() -> dict[str, str]:
    return {
        "before": _("Before we start"),
        "away": _("Leave us a message"),
        "awayUntil": _(
            "We are away now and back {time}. Your message waits for us, and our "
            "answer for you: here, and by email if you leave your address."
        ),
        "awayLong": _(
            "We are away now. Your message waits for us, and our answer for you: "
            "here, and by email if you leave your address."
        ),
        "yourEmail": _("Your email"),
        "yourMessage": pgettext("of a form", "Your message"),
        "optional": _("optional"),
        "choose": _("Choose"),
        "sendForm": pgettext("to send", "Send"),
        "missing": _("Please fill this in."),
        "missingTick": _("Please tick this to go on."),
        "badEmail": _("This does not look like an email address."),
        "badNumber": _("This has to be a number."),
        "badDate": _("This has to be a date."),
        "badLink": _("This has to be a web address, such as https://example.com."),
        "badPhone": _("This does not look like a phone number."),
    }


def _conversation() -> dict[str, str]:
    return {
        "messages": _("Messages"),
        "earlier": _("Show earlier messages"),
        "newMessages": _("New messages"),
        "today": _("Today"),
        "yesterday": _("Yesterday"),
        "typing": _("{name} is writing"),
        "somebody": _("Somebody"),
        "newTopic": _("New conversation"),
        "empty": _("Write to us. Your conversation will appear here."),
        "emptyAway": _(
            "We are away now. Write to us anyway: the answer will appear here."
        ),
        "endedHere": _("The conversation has ended"),
        "closedHere": _("This conversation is closed."),
        "lost": _("No connection. Trying again."),
        "leaving": _("Leaving? We can answer by email"),
        "addEmail": _("Add email"),
        "save": _("Save"),
        "cancel": _("Cancel"),
        "savedEmail": _("If you leave, our answer comes to {email}"),
        "change": _("Change"),
        "picture": _("Picture {name}"),
        "opensNew": _("opens in a new tab"),
    }


def _composer() -> dict[str, str]:
    return {
        "write": _("Write a message"),
        "send": pgettext("to send", "Send"),
        "attach": _("Attach a file"),
        "camera": _("Take a photo"),
        "emoji": _("Emoji"),
        "record": _("Record a voice note"),
        "recording": _("Recording, {time}"),
        "stop": _("Stop and attach"),
        "discard": pgettext("of a recording", "Discard"),
        "voiceNote": _("Voice note"),
        "noMicrophone": _("The microphone cannot be used. Allow it in your browser."),
        "removeFile": _("Remove {name}"),
        "fileTooLarge": _("{name} is too large. A file may have {size} at most."),
        "fileEmpty": _("{name} is empty."),
        "tooManyFiles": _("At most {count} files go with one message."),
        "dropHere": _("Drop your files here"),
        "tooLong": _(
            "This is too long. A message may have {count} characters at most."
        ),
    }


def _sending() -> dict[str, str]:
    return {
        "sending": _("Sending"),
        "waiting": _("Not sent yet. Trying again."),
        "failed": _("Not sent."),
        "retry": _("Retry"),
        "remove": _("Remove"),
        "sent": pgettext("of a message", "Sent"),
        "delivered": pgettext("of a message", "Delivered"),
        "seen": pgettext("of a message", "Seen"),
        "seenAt": pgettext("of a message", "Seen {time}"),
        "lostFiles": _("Its files are gone. Please attach them again."),
        "notDone": _("That did not work. Please try again."),
    }


def _menu() -> dict[str, str]:
    return {
        "more": pgettext("of a menu", "More"),
        "transcript": _("Email me this conversation"),
        "transcriptSent": _("The conversation is on its way to {email}."),
        "byEmail": _("Continue by email"),
        "byEmailWhy": _("When you leave, our answers go on to this address."),
        "soundOn": _("Turn sound on"),
        "soundOff": _("Turn sound off"),
        "end": _("End the conversation"),
        "endSure": _("End this conversation?"),
        "endWhy": _("You can read it here later, and write again at any time."),
        "endYes": _("End it"),
        "delete": _("Delete my data"),
        "deleteSure": _("Delete your data?"),
        "deleteWhy": _(
            "Your conversations here, your address and what this browser keeps of them "
            "will be deleted. This cannot be undone."
        ),
        "deleteYes": _("Delete everything"),
        "deleted": _("Your data has been deleted."),
    }


def _rating() -> dict[str, str]:
    return {
        "rate": _("How did we do?"),
        "rate1": pgettext("how we did", "Very bad"),
        "rate2": pgettext("how we did", "Bad"),
        "rate3": pgettext("how we did", "All right"),
        "rate4": pgettext("how we did", "Good"),
        "rate5": pgettext("how we did", "Very good"),
        "rateMore": _("Would you like to tell us more?"),
        "rateThanks": _("Thank you. That helps us."),
    }
