/** Collects rows as CSV. */
public class CsvWriter {
    private final StringBuilder text = new StringBuilder();

    /** Adds a row. */
    public CsvWriter write(String... fields) {
        text.append(String.join(",", fields)).append('\n');
        return this;
    }

    @Override
    public String toString() {
        return text.toString();
    }
}
