/** What people may do in folders. */
public class Permissions {
    private final PathTrie<String> levels = new PathTrie<>();

    public void set(String folder, String level) {
        levels.put(folder, level);
    }

    /** The level that holds for a file. */
    public String level(String file) {
        return levels.longestPrefix(file).map(Entry::value).orElse("none");
    }
}
