import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.UnaryOperator;

/** A text with places such as {name|upper} for values. */
public class Template {
    private static final Map<String, UnaryOperator<String>> FILTERS = Map.of(
        "upper", text -> text.toUpperCase(Locale.ROOT),
        "lower", text -> text.toLowerCase(Locale.ROOT),
        "trim", String::strip,
        "html", Template::escape);

    private record Place(int position, String name, String fallback, List<UnaryOperator<String>> filters) {}

    /** Texts and places. */
    private final List<Object> parts = new ArrayList<>();

    public Template(String text) {
        StringBuilder plain = new StringBuilder();
        int at = 0;
        while (at < text.length()) {
            char character = text.charAt(at);
            if ((character == '{' || character == '}') && at + 1 < text.length() && text.charAt(at + 1) == character) {
                plain.append(character);
                at += 2;
            } else if (character == '}') {
                throw new TemplateException("a brace closes nothing", at);
            } else if (character == '{') {
                int end = text.indexOf('}', at);
                if (end < 0) throw new TemplateException("a brace is never closed", at);
                parts.add(plain.toString());
                plain.setLength(0);
                parts.add(place(text.substring(at + 1, end), at));
                at = end + 1;
            } else {
                plain.append(character);
                at++;
            }
        }
        parts.add(plain.toString());
    }

    private static Place place(String content, int position) {
        String[] words = content.split("\\|", -1);
        int colon = words[0].indexOf(':');
        String name = (colon < 0 ? words[0] : words[0].substring(0, colon)).strip();
        String fallback = colon < 0 ? null : words[0].substring(colon + 1);
        if (!name.matches("[\\p{L}\\p{Nd}_.]+")) throw new TemplateException("a wrong name", position);
        List<UnaryOperator<String>> filters = new ArrayList<>();
        for (int index = 1; index < words.length; index++) {
            UnaryOperator<String> filter = FILTERS.get(words[index].strip());
            if (filter == null) throw new TemplateException("an unknown filter", position);
            filters.add(filter);
        }
        return new Place(position, name, fallback, filters);
    }

    /** Values are written with their toString and never looked at for braces again. */
    public String render(Map<String, ?> values) {
        StringBuilder result = new StringBuilder();
        for (Object part : parts) result.append(part instanceof Place place ? fill(place, values) : part);
        return result.toString();
    }

    private static String fill(Place place, Map<String, ?> values) {
        Object value = values.get(place.name());
        if (value == null) value = place.fallback();
        if (value == null) throw new TemplateException("there is no " + place.name(), place.position());
        String text = value.toString();
        for (UnaryOperator<String> filter : place.filters()) text = filter.apply(text);
        return text;
    }

    private static String escape(String text) {
        return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace("\"", "&quot;").replace("'", "&#39;");
    }
}
