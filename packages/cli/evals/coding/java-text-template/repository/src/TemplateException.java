/** A mistake in a template; the position is the index of the brace that opens what is wrong. */
public class TemplateException extends RuntimeException {
    private final int position;

    public TemplateException(String message, int position) {
        super(message + " at " + position);
        this.position = position;
    }

    public int position() {
        return position;
    }
}
