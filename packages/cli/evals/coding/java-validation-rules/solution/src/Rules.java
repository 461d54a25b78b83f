import java.util.Optional;
import java.util.function.Predicate;

/** The usual rules. All but `required` accept null and blank values. */
public final class Rules {
    private static final String MISSING = "is required";

    private Rules() {}

    public static Rule required() {
        return new Required();
    }

    /** The others of its field are not asked when it fails. */
    static final class Required implements Rule {
        @Override
        public Optional<String> check(String value) {
            return isBlank(value) ? Optional.of(MISSING) : Optional.empty();
        }
    }

    public static Rule maxLength(int most) {
        return unless(value -> value.codePointCount(0, value.length()) <= most, "is longer than " + most);
    }

    public static Rule pattern(String regex, String message) {
        return unless(value -> value.matches(regex), message);
    }

    public static Rule range(int low, int high) {
        return unless(value -> isBetween(value, low, high), "is not between " + low + " and " + high);
    }

    private static Rule unless(Predicate<String> holds, String message) {
        return value -> isBlank(value) || holds.test(value) ? Optional.empty() : Optional.of(message);
    }

    private static boolean isBlank(String value) {
        return value == null || value.isBlank();
    }

    private static boolean isBetween(String value, int low, int high) {
        try {
            int number = Integer.parseInt(value.strip());
            return low <= number && number <= high;
        } catch (NumberFormatException wrong) {
            return false;
        }
    }
}
