import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

public class Evaluation {
    static void check(boolean holds, String what) {
        if (!holds) throw new AssertionError(what);
    }

    public static void main(String[] args) {
        check(StockIndex.sameArticle(Integer.valueOf(100_000), Integer.valueOf("100000")), "large ids");
        check(!StockIndex.sameArticle(1, 2), "other ids");
        check(!StockIndex.sameArticle(null, 2) && StockIndex.sameArticle(null, null), "no id");

        Object one = new Article(5000, new String("XL"), 10);
        Object two = new Article(Integer.valueOf("5000"), "XL", 99);
        check(one.equals(two) && one.hashCode() == two.hashCode(), "equal articles");
        check(!one.equals(new Article(5000, "L", 10)) && !one.equals("x") && !one.equals(null), "others");
        check(new HashSet<>(Set.of(one)).contains(two), "sets");
        check(new Article(1, null, 1).equals((Object) new Article(1, null, 1)), "no size");

        StockIndex index = new StockIndex();
        List<Article> list = new ArrayList<>(List.of(new Article(300, "M", 20), new Article(200, "M", 20)));
        index.register("M", list);
        list.clear();
        check(index.find("M").size() == 2, "the list was changed later");
        check(index.find("none").isEmpty(), "no such size");
        check(index.add(new Article(300, "M", 20), 7) == 0, "nothing before");
        check(index.add(new Article(300, "M", 25), 9) == 7, "the old quantity");
        check(index.quantity(new Article(300, "M", 0)) == 9, "the new quantity");
        check(index.add(new Article(900, "S", 30), 1) == 0, "a new article");
        check(index.quantity(new Article(901, "S", 30)) == 0, "an unknown article");
        check(Report.of(index, List.of("M", "S")).equals("M: 300x9 200x0\nS:\n"), "report");

        check(new StockIndex().cheapest().isEmpty(), "nothing is cheapest");
        check(index.cheapest().orElseThrow().id == 200, "the smaller id, and 300 costs 25 now");
        StockIndex wide = new StockIndex();
        wide.add(new Article(1, "a", Integer.MAX_VALUE), 1);
        wide.add(new Article(2, "a", -2), 1);
        check(wide.cheapest().orElseThrow().id == 2, "prices far apart");
        StockIndex same = new StockIndex();
        for (int id : new int[] {4000, 3000, 5000}) same.add(new Article(id, "a", 5), 1);
        check(same.cheapest().orElseThrow().id == 3000, "equal prices");
        StockIndex replaced = new StockIndex();
        replaced.add(new Article(1, "a", 5), 1);
        replaced.add(new Article(2, "a", 6), 1);
        replaced.add(new Article(1, "a", 9), 1);
        check(replaced.cheapest().orElseThrow().id == 2, "the replaced price counts");
    }
}
