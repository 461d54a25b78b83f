import unittest

from access.audit import Audit
from access.policy import Policy
from access.roles import Registry, Role


class Access(unittest.TestCase):
    def setUp(self):
        self.registry = Registry()
        self.registry.add(Role("owner", ["*:*"], parents=["editor"]))
        self.registry.add(Role("editor", ["docs:write", "docs:comment"], parents=["reader"]))
        self.registry.add(Role("reader", ["docs:read", "wiki:*"]))
        self.registry.add(Role("guest", ["!docs:delete", "!*:admin"]))
        self.audit = Audit()
        self.policy = Policy(self.registry, self.audit)

    def test_inherits(self):
        self.assertTrue(self.policy.allows(["editor"], "docs", "read"))
        self.assertTrue(self.policy.allows(["editor"], "wiki", "anything"))
        self.assertFalse(self.policy.allows(["reader"], "docs", "write"))
        self.assertTrue(self.policy.allows(["owner"], "x", "y"))

    def test_denials_win(self):
        self.assertFalse(self.policy.allows(["owner", "guest"], "docs", "delete"))
        self.assertFalse(self.policy.allows(["guest", "owner"], "wiki", "admin"))
        self.assertTrue(self.policy.allows(["owner", "guest"], "docs", "read"))
        self.registry.add(Role("child", ["docs:*"], parents=["guest"]))
        self.assertFalse(self.policy.allows(["child"], "docs", "delete"))
        self.assertTrue(self.policy.allows(["child"], "docs", "read"))

    def test_nobody_may_do_anything(self):
        self.assertFalse(self.policy.allows([], "docs", "read"))

    def test_rules_are_checked_when_a_role_is_made(self):
        for rule in ("do*:read", "docs", "docs:", ":read", "a:b:c", "!", "docs:re*"):
            with self.assertRaises(ValueError, msg=rule):
                Role("r", [rule])

    def test_diamonds_are_no_cycles(self):
        self.registry.add(Role("left", [], parents=["reader"])).add(Role("right", [], parents=["reader"]))
        self.registry.add(Role("both", [], parents=["left", "right"]))
        self.assertTrue(self.policy.allows(["both", "reader"], "docs", "read"))

    def test_cycles_and_unknown_roles(self):
        self.registry.add(Role("a", ["docs:read"], parents=["b"])).add(Role("b", [], parents=["c"]))
        self.registry.add(Role("c", [], parents=["b"]))
        with self.assertRaises(ValueError) as caught:
            self.policy.allows(["a"], "docs", "read")
        self.assertRegex(str(caught.exception), r"\bb\b.*\bc\b|\bc\b.*\bb\b")
        self.registry.add(Role("lost", ["docs:read"], parents=["nowhere"]))
        with self.assertRaises(KeyError):
            self.policy.allows(["lost"], "docs", "read")
        with self.assertRaises(KeyError):
            self.policy.allows(["unheard"], "docs", "read")

    def test_audit_names_the_rule(self):
        self.policy.allows(["editor"], "docs", "read")
        self.policy.allows(["owner", "guest"], "docs", "delete")
        self.policy.allows(["reader"], "docs", "write")
        self.assertEqual(
            self.audit.entries,
            [("docs:read", True, "docs:read"), ("docs:delete", False, "!docs:delete"), ("docs:write", False, None)],
        )
        self.assertEqual(self.audit.denied(), ["docs:delete", "docs:write"])


if __name__ == "__main__":
    unittest.main()
