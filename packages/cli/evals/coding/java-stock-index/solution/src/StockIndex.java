import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/** How many of each article there are. */
public class StockIndex {
    private final Map<Article, Integer> quantities = new HashMap<>();
    private final Map<String, List<Article>> bySize = new HashMap<>();

    /** Registers the articles of a size. */
    public void register(String size, List<Article> articles) {
        bySize.put(size, List.copyOf(articles));
        for (Article article : articles) quantities.putIfAbsent(article, 0);
    }

    /** The quantity that was there before. */
    public int add(Article article, int quantity) {
        Integer before = quantities.remove(article);
        quantities.put(article, quantity);
        return before == null ? 0 : before;
    }

    public int quantity(Article article) {
        return quantities.getOrDefault(article, 0);
    }

    public List<Article> find(String size) {
        return bySize.getOrDefault(size, List.of());
    }

    public static boolean sameArticle(Integer a, Integer b) {
        return Objects.equals(a, b);
    }

    public Optional<Article> cheapest() {
        Comparator<Article> byPrice = Comparator.comparingInt(article -> article.price);
        return quantities.keySet().stream().min(byPrice.thenComparing(article -> article.id));
    }
}
