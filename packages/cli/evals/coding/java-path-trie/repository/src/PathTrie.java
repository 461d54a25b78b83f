import java.util.TreeMap;

/** Values by path. */
public class PathTrie<V> {
    private static final class Node<V> {
        final TreeMap<String, Node<V>> children = new TreeMap<>();
        V value;
    }

    private final Node<V> root = new Node<>();

    public void put(String path, V value) {
        Node<V> node = root;
        for (String segment : path.split("/")) node = node.children.computeIfAbsent(segment, name -> new Node<>());
        node.value = value;
    }

    /** Null when there is none. */
    public V get(String path) {
        Node<V> node = root;
        for (String segment : path.split("/")) {
            node = node.children.get(segment);
            if (node == null) return null;
        }
        return node.value;
    }
}
