/** Something that happened to an account, in cents. */
public record Event(String type, long cents) {}
