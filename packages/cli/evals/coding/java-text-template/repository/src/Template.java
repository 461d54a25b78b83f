import java.util.Map;

/**
 * A text with places for values.
 *
 * <p>`{name}` is the value of a name (letters, digits, `_` and `.`); blanks inside the braces do not count. A missing or
 * null value is a TemplateException, unless a default follows: `{name:friend}` (which may be empty, and whose text counts
 * as it is, up to the closing brace). Filters follow behind bars and run from left to right, also on a default, which
 * ends at the first bar: `{name:friend|upper}`. They are `upper`, `lower`, `trim` and `html` (escapes & < > " '). `{{` and
 * `}}` are a brace each. A brace that is never closed, a single `}`, an empty or wrong name and an unknown filter are
 * found when the template is made, also where no value is asked for; a single `}` is where it stands.
 */
public class Template {
    public Template(String text) {
        throw new UnsupportedOperationException("not implemented");
    }

    /** Values are written with their toString and never looked at for braces again. */
    public String render(Map<String, ?> values) {
        throw new UnsupportedOperationException("not implemented");
    }
}
