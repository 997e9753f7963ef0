from channels_ingest.adapters.email.references import ThreadedMessage, thread_keys


def message(name, *, answers=(), line=(), message_id=None):
    return ThreadedMessage(
        id=name,
        message_id=f"<{name}@x.example>" if message_id is None else message_id,
        in_reply_to=tuple(f"<{each}@x.example>" for each in answers),
        references=tuple(f"<{each}@x.example>" for each in line),
    )


class TestThreadKeys:
    def test_joins_an_answer_to_its_question_in_any_order(self):
        question, answer = message("a"), message("b", answers=["a"])

        for order in ([question, answer], [answer, question]):
            keys = thread_keys(order)
            assert keys["a"] == keys["b"]

    def test_joins_by_a_message_that_the_mailbox_lacks(self):
        keys = thread_keys([message("a", line=["gone"]), message("b", line=["gone"])])

        assert keys["a"] == keys["b"]

    def test_keeps_strangers_apart(self):
        keys = thread_keys([message("a"), message("b")])

        assert keys["a"] != keys["b"]

    def test_keeps_messages_without_an_id_apart(self):
        keys = thread_keys([message("a", message_id=""), message("b", message_id="")])

        assert keys["a"] != keys["b"]

    def test_counts_a_copy_as_the_message_it_is(self):
        keys = thread_keys([message("a"), message("copy", message_id="<a@x.example>")])

        assert set(keys) == {"a"}

    def test_survives_a_circle(self):
        keys = thread_keys([message("a", answers=["b"]), message("b", answers=["a"])])

        assert keys["a"] == keys["b"]

    def test_follows_a_chain_of_many_thousand_messages(self):
        chain = [message(str(n), answers=[str(n + 1)]) for n in range(20_000)]

        assert len(set(thread_keys(chain).values())) == 1
