/** Somebody pays somebody so many cents. */
public record Payment(String from, String to, long cents) {}
