use crate::graph::Graph;

#[derive(Debug, PartialEq, Eq)]
pub enum PlanError {
    Unknown(String),
    Cycle(Vec<String>),
}

/// Targets in the order in which they can be built.
pub fn plan(graph: &Graph, wanted: &[&str]) -> Result<Vec<String>, PlanError> {
    let mut order = Vec::new();
    for target in wanted {
        let needs = graph.needs(target).ok_or_else(|| PlanError::Unknown(target.to_string()))?;
        order.extend(needs.iter().cloned());
        order.push(target.to_string());
    }
    Ok(order)
}
