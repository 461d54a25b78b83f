use build_plan::graph::Graph;
use build_plan::plan::{plan, PlanError};
use build_plan::stages::stages;

const PROJECT: &str = "# project\napp: lib util   cli # all\n\nlib: core\n  util : core\ncli: lib\ncore:\ndocs:\n";

fn graph(text: &str) -> Graph {
    Graph::parse(text).unwrap()
}

#[test]
fn parses() {
    let one = graph(PROJECT);
    assert_eq!(one.needs("app").unwrap(), ["lib", "util", "cli"]);
    assert_eq!(one.needs("util").unwrap(), ["core"]);
    assert!(one.needs("core").unwrap().is_empty());
    assert!(one.needs("project").is_none());
    for (text, line) in [("a:\nb c\n", "2"), ("\n: b\n", "2"), ("a:\n\n# x\na: b\n", "4"), ("a b: c", "1")] {
        let error = Graph::parse(text).unwrap_err();
        assert!(error.contains(line), "{text:?}: {error}");
    }
}

#[test]
fn needs_come_first_and_names_decide_the_rest() {
    let one = graph(PROJECT);
    assert_eq!(plan(&one, &["app"]).unwrap(), ["core", "lib", "cli", "util", "app"]);
    assert_eq!(plan(&one, &["util", "lib", "util"]).unwrap(), ["core", "lib", "util"]);
    assert_eq!(plan(&one, &["docs", "core"]).unwrap(), ["core", "docs"]);
    assert!(plan(&one, &[]).unwrap().is_empty());
    let two = graph("z:\na: z\nb:\n");
    assert_eq!(plan(&two, &["a", "b", "z"]).unwrap(), ["b", "z", "a"]);
}

#[test]
fn unknown_targets() {
    let one = graph("a: b\nb: ghost\n");
    assert_eq!(plan(&one, &["a"]), Err(PlanError::Unknown("ghost".into())));
    assert_eq!(plan(&one, &["nope"]), Err(PlanError::Unknown("nope".into())));
}

#[test]
fn cycles() {
    let one = graph("start: d\nd: b\nb: c\nc: d x\nx:\nfree: x\n");
    assert_eq!(plan(&one, &["start"]), Err(PlanError::Cycle(vec!["b".into(), "c".into(), "d".into()])));
    assert_eq!(plan(&one, &["free"]).unwrap(), ["x", "free"]);
    assert_eq!(plan(&graph("a: a\n"), &["a"]), Err(PlanError::Cycle(vec!["a".into()])));
    let diamond = graph("a: b c\nb: d\nc: d\nd:\n");
    assert_eq!(plan(&diamond, &["a"]).unwrap(), ["d", "b", "c", "a"]);
}

#[test]
fn deep_chains_work() {
    let text: String = (0..20_000).map(|n| format!("t{n:05}: t{:05}\n", n + 1)).collect::<String>() + "t20000:\n";
    let order = plan(&graph(&text), &["t00000"]).unwrap();
    assert_eq!(order.len(), 20_001);
    assert_eq!(order[0], "t20000");
}

#[test]
fn stages_are_as_early_as_they_can_be() {
    let one = graph(PROJECT);
    let order = plan(&one, &["app", "docs"]).unwrap();
    assert_eq!(stages(&one, &order), [vec!["core", "docs"], vec!["lib", "util"], vec!["cli"], vec!["app"]]);
    assert!(stages(&one, &[]).is_empty());
}
