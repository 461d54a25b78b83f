import java.util.List;
import java.util.Optional;

public class Evaluation {
    static void same(Object got, Object want) {
        if (!java.util.Objects.equals(got, want)) throw new AssertionError("got " + got + " want " + want);
    }

    static PathTrie<Integer> trie(String... paths) {
        PathTrie<Integer> trie = new PathTrie<>();
        for (int index = 0; index < paths.length; index++) trie.put(paths[index], index);
        return trie;
    }

    static Optional<Entry<Integer>> entry(String path, int value) {
        return Optional.of(new Entry<>(path, value));
    }

    public static void main(String[] args) {
        PathTrie<Integer> slashes = trie("/a//b/", "a/b/c");
        same(slashes.get("a/b"), 0);
        same(slashes.get("//a/b//c/"), 1);
        same(slashes.get("a"), null);
        same(slashes.nodes(), 3);
        slashes.put("a/b", 9);
        same(slashes.get("/a/b"), 9);

        PathTrie<Integer> one = trie("src", "src/main/app", "docs");
        same(one.longestPrefix("src/main/app/x.java"), entry("src/main/app", 1));
        same(one.longestPrefix("/src/main/"), entry("src", 0));
        same(one.longestPrefix("src/main/apple"), entry("src", 0));
        same(one.longestPrefix("srcs/main"), Optional.empty());
        same(one.longestPrefix("docs"), entry("docs", 2));
        same(one.longestPrefix(""), Optional.empty());
        one.put("/", 7);
        same(one.longestPrefix("nowhere/else"), entry("", 7));
        same(one.get(""), 7);

        PathTrie<Integer> many = trie("b", "a/c", "a", "a/b/x", "ab", "a-b");
        same(many.under("a"), List.of(new Entry<>("a", 2), new Entry<>("a/b/x", 3), new Entry<>("a/c", 1)));
        same(many.under("a/b"), List.of(new Entry<>("a/b/x", 3)));
        same(many.under("z"), List.of());
        same(many.under("/").stream().map(Entry::path).toList(), List.of("a", "a-b", "a/b/x", "a/c", "ab", "b"));

        same(many.nodes(), 7);
        same(many.remove("a/b/x"), 3);
        same(many.nodes(), 5);
        same(many.remove("a/b"), null);
        same(many.remove("a"), 2);
        same(many.nodes(), 5);
        same(many.remove("a"), null);
        same(many.get("a/c"), 1);
        same(many.remove("/a/c/"), 1);
        same(many.nodes(), 3);
        same(many.remove("nope/at/all"), null);
        PathTrie<Integer> root = trie("");
        same(root.remove(""), 0);
        same(root.get("/"), null);
        same(root.nodes(), 0);

        try {
            root.put("a", null);
            throw new AssertionError("a null value");
        } catch (NullPointerException expected) {
            same(root.nodes(), 0);
        }

        Permissions permissions = new Permissions();
        permissions.set("docs", "read");
        permissions.set("docs/drafts/", "write");
        same(permissions.level("docs/a.txt"), "read");
        same(permissions.level("docs/drafts/b/c.txt"), "write");
        same(permissions.level("docs2/a.txt"), "none");
        same(permissions.level("a.txt"), "none");
        permissions.set("", "list");
        same(permissions.level("a.txt"), "list");
    }
}
