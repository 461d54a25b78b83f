/** Something we sell; its price is in cents. */
public final class Article {
    final Integer id;
    final String size;
    final int price;

    public Article(Integer id, String size, int price) {
        this.id = id;
        this.size = size;
        this.price = price;
    }

    public boolean equals(Article other) {
        return id == other.id && size == other.size;
    }
}
