import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** The same letter to many people. */
public class Letters {
    public static List<String> render(String template, List<Map<String, String>> people) {
        List<String> letters = new ArrayList<>();
        for (Map<String, String> person : people) {
            try {
                letters.add(new Template(template).render(person));
            } catch (TemplateException wrong) {
                throw new IllegalStateException((letters.size() + 1) + ": " + wrong.getMessage(), wrong);
            }
        }
        return letters;
    }
}
