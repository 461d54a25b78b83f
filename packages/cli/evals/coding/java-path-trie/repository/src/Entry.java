/** A value with its path, which has neither leading nor trailing slashes. */
public record Entry<V>(String path, V value) {}
