/** Who forbids the changes of these tools means changes in general: newer tools must not be a way round. */
export const deniedWith = (): readonly string[] => ["edit_file", "write_file"];
