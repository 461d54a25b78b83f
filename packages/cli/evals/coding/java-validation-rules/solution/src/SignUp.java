import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** People who join. */
public class SignUp {
    /** What is wrong with a form: name, then email, then age. */
    public static List<String> problems(Map<String, String> form) {
        FormValidator validator = new FormValidator()
            .field("name", Rules.required(), Rules.maxLength(20))
            .field("email", Rules.required(), Rules.pattern("[^@\\s]+@[^@\\s]+", "is no address"))
            .field("age", Rules.range(18, 120));
        List<String> problems = new ArrayList<>();
        validator.validate(form).forEach((name, messages) -> {
            if (FIELDS.contains(name)) messages.forEach(message -> problems.add(name + " " + message));
        });
        return problems;
    }

    private static final Set<String> FIELDS = Set.of("name", "email", "age");
}
