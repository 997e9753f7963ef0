from helpdesk.core.content_policy import content_security_policy


def connections(hosts, *, port=8001):
    policy = content_security_policy(hosts=hosts, realtime_port=port)
    return policy["DIRECTIVES"]["connect-src"]


class TestContentSecurityPolicy:
    def test_lets_sockets_have_a_port_of_their_own(self):
        hosts = ["desk.example", "[::1]"]

        assert connections(hosts) == ["'self'", "ws://desk.example:8001"]

    def test_names_no_port_where_all_is_under_one_address(self):
        assert connections(["desk.example"], port=None) == ["'self'"]

    def test_allows_nothing_that_it_does_not_name(self):
        policy = content_security_policy(hosts=[], realtime_port=None)

        assert policy["DIRECTIVES"]["default-src"] == ["'none'"]
        assert "'unsafe-inline'" not in str(policy)
