import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** How many of each article there are. */
public class StockIndex {
    private final Map<Article, Integer> quantities = new HashMap<>();
    private final Map<String, List<Article>> bySize = new HashMap<>();

    /** Registers the articles of a size. */
    public void register(String size, List<Article> articles) {
        bySize.put(size, articles);
        for (Article article : articles) quantities.put(article, 0);
    }

    public int add(Article article, int quantity) {
        return quantities.put(article, quantity);
    }

    public int quantity(Article article) {
        return quantities.get(article);
    }

    public List<Article> find(String size) {
        return bySize.get(size);
    }

    public static boolean sameArticle(Integer a, Integer b) {
        return a == b;
    }

    public Article cheapest() {
        return Collections.min(quantities.keySet(), (a, b) -> a.price - b.price);
    }
}
