import java.util.Optional;

/** Says what is wrong with a value. */
@FunctionalInterface
public interface Rule {
    Optional<String> check(String value);
}
