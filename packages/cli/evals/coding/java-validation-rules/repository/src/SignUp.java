import java.util.List;
import java.util.Map;

/** People who join. */
public class SignUp {
    /** What is wrong with a form: name, then email, then age. */
    public static List<String> problems(Map<String, String> form) {
        return FormValidator.validate(form);
    }
}
