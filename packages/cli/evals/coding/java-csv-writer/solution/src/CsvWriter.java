import java.math.BigDecimal;
import java.util.Arrays;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** Collects rows as CSV. */
public class CsvWriter {
    private static final Pattern NUMBER = Pattern.compile("[+-]?[0-9]+(\\.[0-9]+)?");
    private final StringBuilder text = new StringBuilder();
    private final char delimiter;
    private final String lineEnd;

    public CsvWriter() {
        this(',', "\n");
    }

    public CsvWriter(char delimiter, String lineEnd) {
        this.delimiter = delimiter;
        this.lineEnd = lineEnd;
    }

    /** Adds a row of texts and numbers; null is an empty field. */
    public CsvWriter write(Object... fields) {
        text.append(Arrays.stream(fields).map(this::field).collect(Collectors.joining(String.valueOf(delimiter)))).append(lineEnd);
        return this;
    }

    private String field(Object value) {
        if (value == null) return "";
        if (value instanceof BigDecimal number) return number.toPlainString();
        if (value instanceof Double || value instanceof Float) return plain(((Number) value).doubleValue());
        String field = value.toString();
        if (field.isEmpty()) return "\"\"";
        if ("=+-@".indexOf(field.charAt(0)) >= 0 && !NUMBER.matcher(field).matches()) field = "'" + field;
        return needsQuotes(field) ? "\"" + field.replace("\"", "\"\"") + "\"" : field;
    }

    private static String plain(double value) {
        return BigDecimal.valueOf(value).stripTrailingZeros().toPlainString();
    }

    private boolean needsQuotes(String field) {
        return field.indexOf(delimiter) >= 0
            || field.contains("\"")
            || field.contains("\r")
            || field.contains("\n")
            || field.startsWith(" ")
            || field.endsWith(" ");
    }

    @Override
    public String toString() {
        return text.toString();
    }
}
