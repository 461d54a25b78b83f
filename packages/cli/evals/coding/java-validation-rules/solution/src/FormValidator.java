import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;

/** Rules by field. */
public class FormValidator {
    private final Map<String, List<Rule>> fields = new LinkedHashMap<>();

    public FormValidator field(String name, Rule... rules) {
        fields.put(name, List.of(rules));
        return this;
    }

    /** Messages by field, in the order of declaration. */
    public Map<String, List<String>> validate(Map<String, String> form) {
        Map<String, List<String>> problems = new LinkedHashMap<>();
        fields.forEach((name, rules) -> {
            List<String> messages = messages(rules, form.get(name));
            if (!messages.isEmpty()) problems.put(name, messages);
        });
        for (String name : new TreeSet<>(form.keySet())) {
            if (!fields.containsKey(name)) problems.put(name, List.of("is not expected"));
        }
        return Collections.unmodifiableMap(problems);
    }

    private static List<String> messages(List<Rule> rules, String value) {
        List<String> messages = new ArrayList<>();
        for (Rule rule : rules) {
            Optional<String> message = rule.check(value);
            if (message.isPresent() && rule instanceof Rules.Required) return List.of(message.get());
            message.ifPresent(messages::add);
        }
        return List.copyOf(messages);
    }
}
