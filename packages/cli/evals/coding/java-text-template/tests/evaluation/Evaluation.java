import java.util.HashMap;
import java.util.List;
import java.util.Map;

public class Evaluation {
    static void same(Object got, Object want) {
        if (!got.equals(want)) throw new AssertionError("got " + got + " want " + want);
    }

    static void renders(String template, String want) {
        Map<String, Object> values = new HashMap<>();
        values.put("name", "Ann");
        values.put("n", 5);
        values.put("user.first_name", "Bo");
        values.put("html", "<a href=\"x\">'&'</a>");
        values.put("padded", "  Mixed ");
        values.put("braces", "{name}}{");
        values.put("nothing", null);
        same(new Template(template).render(values), want);
    }

    static void wrong(String template, int position) {
        try {
            new Template(template);
        } catch (TemplateException error) {
            same(template + error.position(), template + position);
            return;
        }
        throw new AssertionError(template);
    }

    static void missing(String template, int position) {
        Template made = new Template(template);
        try {
            made.render(new HashMap<String, Object>());
        } catch (TemplateException error) {
            same(template + error.position(), template + position);
            return;
        }
        throw new AssertionError(template);
    }

    public static void main(String[] args) {
        renders("", "");
        renders("Dear {name}, {n} and { user.first_name }!", "Dear Ann, 5 and Bo!");
        renders("{name}{name}", "AnnAnn");
        renders("{{name}} {{{name}}}", "{name} {Ann}");
        renders("{braces}", "{name}}{");
        renders("{who:friend} {who:} {name:x} {nothing: a b }.", "friend  Ann  a b .");
        renders("{who:friend|upper} {who:a:b}", "FRIEND a:b");
        renders("[{padded|trim|upper}] [{padded | lower}]", "[MIXED] [  mixed ]");
        renders("{html|html}", "&lt;a href=&quot;x&quot;&gt;&#39;&amp;&#39;&lt;/a&gt;");
        renders("{html|html|upper}", "&LT;A HREF=&QUOT;X&QUOT;&GT;&#39;&AMP;&#39;&LT;/A&GT;");

        wrong("a {name", 2);
        wrong("a } b", 2);
        wrong("{}", 0);
        wrong("x{  }", 1);
        wrong("{a-b}", 0);
        wrong("{a b}", 0);
        wrong("ok {name|shout}", 3);
        wrong("{name|}", 0);
        wrong("{{ {name|upper|nope}", 3);
        wrong("{a{b}}", 0);
        wrong("{{}", 2);

        missing("hi {name}", 3);
        missing("{x:} {y|upper}", 5);

        List<Map<String, String>> people = List.of(Map.of("name", "A"), Map.of("nam", "B"));
        same(Letters.render("{name:?}", people), List.of("A", "?"));
        try {
            Letters.render("Hi {name}", people);
            throw new AssertionError("a letter without a name");
        } catch (IllegalStateException error) {
            if (!error.getMessage().startsWith("2") || !(error.getCause() instanceof TemplateException)) throw new AssertionError(error);
        }
    }
}
