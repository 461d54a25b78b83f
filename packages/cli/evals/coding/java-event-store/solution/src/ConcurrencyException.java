/** A stream has another version than the one that a change was made for. */
public class ConcurrencyException extends RuntimeException {
    private final int expected;
    private final int actual;

    public ConcurrencyException(String stream, int expected, int actual) {
        super(stream + " has version " + actual + ", not " + expected);
        this.expected = expected;
        this.actual = actual;
    }

    public int expected() {
        return expected;
    }

    public int actual() {
        return actual;
    }
}
