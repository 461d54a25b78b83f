import copy
import unittest

from settings.config import Config
from settings.layers import merge, source_of
from settings.load import DEFAULTS, load
from settings.show import show

LAYERS = [
    {"a": {"b": 1, "c": [1, 2]}, "d": {"e": {"f": "low"}}},
    {"a": {"c": [3]}, "g": None},
    {"d": {"e": {"f": "high", "h": 0}}},
]


class Merging(unittest.TestCase):
    def test_later_layers_win(self):
        self.assertEqual(merge(LAYERS), {"a": {"b": 1, "c": [3]}, "d": {"e": {"f": "high", "h": 0}}, "g": None})
        self.assertEqual(merge([]), {})

    def test_kinds_may_change(self):
        self.assertEqual(merge([{"a": 1}, {"a": {"b": 2}}]), {"a": {"b": 2}})
        self.assertEqual(merge([{"a": {"b": 2}}, {"a": None}]), {"a": None})
        self.assertEqual(merge([{"a": {"b": 2}}, {"a": {}}]), {"a": {"b": 2}})

    def test_nothing_is_touched_or_shared(self):
        layers = copy.deepcopy(LAYERS)
        merged = merge(layers)
        merged["a"]["c"].append(9)
        merged["d"]["e"]["f"] = "changed"
        merged["a"]["b"] = 5
        self.assertEqual(layers, LAYERS)

    def test_sources(self):
        self.assertEqual([source_of(LAYERS, key) for key in ("a.b", "a.c", "d.e.f", "d.e.h", "g")], [0, 1, 2, 2, 1])
        self.assertIsNone(source_of(LAYERS, "a.x"))
        self.assertIsNone(source_of(LAYERS, "a.b.c"))
        self.assertIsNone(source_of([], "a"))
        self.assertIsNone(source_of([{"a": {"b": 1}}, {"a": 5}], "a.b"))


class Configs(unittest.TestCase):
    def setUp(self):
        self.config = Config([("default", LAYERS[0]), ("user", LAYERS[1]), ("project", LAYERS[2])])

    def test_get(self):
        self.assertEqual(self.config.get("d.e.h", 7), 0)
        self.assertIsNone(self.config.get("g", 7))
        self.assertEqual(self.config.get("nope", 7), 7)
        self.assertEqual(self.config.get("a.b.c", 7), 7)
        self.assertEqual(self.config.get("a.c.x", 7), 7)

    def test_explain(self):
        self.assertEqual(self.config.explain("a.c"), ([3], "user"))
        self.assertEqual(self.config.explain("d.e.f"), ("high", "project"))
        self.assertEqual(self.config.explain("g"), (None, "user"))
        with self.assertRaises(KeyError):
            self.config.explain("nope")

    def test_loading_leaves_the_defaults_alone(self):
        before = copy.deepcopy(DEFAULTS)
        config = load('{"editor": {"tabs": 2}}', '{"theme": "dark"}')
        self.assertEqual(DEFAULTS, before)
        self.assertEqual(show(config, ["editor.tabs", "theme"]), "editor.tabs = 2\ntheme = 'dark'\n")
        self.assertEqual(config.explain("editor.rulers"), ([80], "default"))
        self.assertEqual(config.explain("editor.tabs"), (2, "user"))
        self.assertEqual(config.explain("theme"), ("dark", "project"))
        self.assertEqual(load().get("editor.tabs"), 4)


if __name__ == "__main__":
    unittest.main()
