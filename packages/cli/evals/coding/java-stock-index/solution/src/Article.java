import java.util.Objects;

/** Something we sell; its price is in cents. Those with the same id and size are equal. */
public final class Article {
    final Integer id;
    final String size;
    final int price;

    public Article(Integer id, String size, int price) {
        this.id = id;
        this.size = size;
        this.price = price;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Article article && Objects.equals(id, article.id) && Objects.equals(size, article.size);
    }

    @Override
    public int hashCode() {
        return Objects.hash(id, size);
    }
}
