import java.util.ArrayList;
import java.util.List;
import java.util.Map;

public class FormValidator {
    public static List<String> validate(Map<String, String> form) {
        List<String> problems = new ArrayList<>();
        String name = form.get("name");
        if (name == null || name.isBlank()) problems.add("name is required");
        else if (name.length() > 20) problems.add("name is longer than 20");
        String email = form.get("email");
        if (email == null || email.isBlank()) problems.add("email is required");
        else if (!email.matches("[^@\\s]+@[^@\\s]+")) problems.add("email is no address");
        String age = form.get("age");
        if (age != null && !age.isBlank()) {
            try {
                int years = Integer.parseInt(age.strip());
                if (years < 18 || years > 120) problems.add("age is not between 18 and 120");
            } catch (NumberFormatException wrong) {
                problems.add("age is not between 18 and 120");
            }
        }
        return problems;
    }
}
