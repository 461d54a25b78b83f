import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

public class Evaluation {
    static void same(Object got, Object want) {
        if (!got.equals(want)) throw new AssertionError("got " + got + " want " + want);
    }

    static String said(Rule rule, String value) {
        return rule.check(value).orElse("fine");
    }

    public static void main(String[] args) {
        for (String value : new String[] {null, "", "  \t"}) {
            same(said(Rules.required(), value), "is required");
            same(said(Rules.maxLength(0), value == null ? null : ""), "fine");
            same(said(Rules.pattern("x", "is no x"), value), "fine");
            same(said(Rules.range(1, 2), value), "fine");
        }
        same(said(Rules.required(), "a"), "fine");
        same(said(Rules.maxLength(3), "abc"), "fine");
        same(said(Rules.maxLength(3), "abcd"), "is longer than 3");
        same(said(Rules.maxLength(2), "😀😀"), "fine");
        same(said(Rules.pattern("[a-z]+", "has odd letters"), "abc1"), "has odd letters");
        same(said(Rules.pattern("[a-z]+", "has odd letters"), "abc"), "fine");
        for (String value : List.of("1", " 5 ", "10")) same(said(Rules.range(1, 10), value), "fine");
        for (String value : List.of("0", "11", "x", "1.5", "99999999999999")) same(said(Rules.range(1, 10), value), "is not between 1 and 10");

        List<String> asked = new ArrayList<>();
        Rule spy = value -> {
            asked.add(String.valueOf(value));
            return Optional.of("spied");
        };
        FormValidator validator = new FormValidator()
            .field("zip", Rules.required(), spy, Rules.maxLength(2))
            .field("age", Rules.range(1, 9))
            .field("free");
        Map<String, String> form = new HashMap<>(Map.of("zip", "abc", "age", "77", "free", "x", "zebra", "1", "ant", "2"));
        Map<String, List<String>> problems = validator.validate(form);
        same(new ArrayList<>(problems.keySet()), List.of("zip", "age", "ant", "zebra"));
        same(problems.get("zip"), List.of("spied", "is longer than 2"));
        same(problems.get("ant"), List.of("is not expected"));
        same(asked, List.of("abc"));
        same(validator.validate(Map.of("age", "5")), Map.of("zip", List.of("is required")));
        same(asked, List.of("abc"));
        try {
            problems.clear();
            throw new AssertionError("the problems can be changed");
        } catch (UnsupportedOperationException expected) {
            // As it should be.
        }
        try {
            problems.get("zip").add("more");
            throw new AssertionError("the messages can be changed");
        } catch (UnsupportedOperationException expected) {
            // As it should be.
        }

        same(SignUp.problems(Map.of()), List.of("name is required", "email is required"));
        same(SignUp.problems(Map.of("name", "x".repeat(21), "email", "a b@c", "age", "17")), List.of("name is longer than 20", "email is no address", "age is not between 18 and 120"));
        same(SignUp.problems(Map.of("name", "Ann", "email", "a@b", "age", " 18 ")), List.of());
    }
}
