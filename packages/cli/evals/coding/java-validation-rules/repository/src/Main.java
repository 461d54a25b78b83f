import java.util.HashMap;
import java.util.Map;

public class Main {
    public static void main(String[] args) {
        Map<String, String> form = new HashMap<>();
        for (String arg : args) {
            int equals = arg.indexOf('=');
            if (equals > 0) form.put(arg.substring(0, equals), arg.substring(equals + 1));
        }
        SignUp.problems(form).forEach(System.out::println);
    }
}
