import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;

/** Values by path; slashes at the ends, and doubled ones, do not count. */
public class PathTrie<V> {
    private static final class Node<V> {
        final TreeMap<String, Node<V>> children = new TreeMap<>();
        V value;

        int count() {
            return children.values().stream().mapToInt(child -> 1 + child.count()).sum();
        }
    }

    private final Node<V> root = new Node<>();

    private static List<String> segments(String path) {
        return Arrays.stream(path.split("/")).filter(segment -> !segment.isEmpty()).toList();
    }

    public void put(String path, V value) {
        Objects.requireNonNull(value);
        Node<V> node = root;
        for (String segment : segments(path)) node = node.children.computeIfAbsent(segment, name -> new Node<>());
        node.value = value;
    }

    /** Null when there is none. */
    public V get(String path) {
        Node<V> node = find(segments(path));
        return node == null ? null : node.value;
    }

    private Node<V> find(List<String> segments) {
        Node<V> node = root;
        for (String segment : segments) {
            node = node.children.get(segment);
            if (node == null) return null;
        }
        return node;
    }

    /** The entry at the path, or the nearest one above it. */
    public Optional<Entry<V>> longestPrefix(String path) {
        List<String> segments = segments(path);
        for (int length = segments.size(); length >= 0; length--) {
            List<String> prefix = segments.subList(0, length);
            Node<V> node = find(prefix);
            if (node != null && node.value != null) return Optional.of(new Entry<>(String.join("/", prefix), node.value));
        }
        return Optional.empty();
    }

    /** All entries at and below a path, sorted by path. */
    public List<Entry<V>> under(String path) {
        List<Entry<V>> found = new ArrayList<>();
        List<String> segments = segments(path);
        Node<V> node = find(segments);
        if (node != null) collect(node, String.join("/", segments), found);
        found.sort(Comparator.comparing(Entry::path));
        return found;
    }

    private static <V> void collect(Node<V> node, String path, List<Entry<V>> found) {
        if (node.value != null) found.add(new Entry<>(path, node.value));
        node.children.forEach((name, child) -> collect(child, path.isEmpty() ? name : path + "/" + name, found));
    }

    /** The old value; null when there was none. */
    public V remove(String path) {
        return remove(root, segments(path));
    }

    private static <V> V remove(Node<V> node, List<String> segments) {
        if (segments.isEmpty()) {
            V old = node.value;
            node.value = null;
            return old;
        }
        String name = segments.get(0);
        Node<V> child = node.children.get(name);
        if (child == null) return null;
        V old = remove(child, segments.subList(1, segments.size()));
        if (child.value == null && child.children.isEmpty()) node.children.remove(name);
        return old;
    }

    /** How many there are, without the root. */
    public int nodes() {
        return root.count();
    }
}
