use std::collections::BTreeMap;

use crate::graph::Graph;

/// Steps of a plan, each a list of targets that can be built side by side, sorted by name.
pub fn stages(graph: &Graph, plan: &[String]) -> Vec<Vec<String>> {
    let mut step_of: BTreeMap<&str, usize> = BTreeMap::new();
    let mut steps: Vec<Vec<String>> = Vec::new();
    for target in plan {
        let needs = graph.needs(target).unwrap_or_default();
        let step = needs.iter().filter_map(|need| step_of.get(need.as_str())).map(|step| step + 1).max().unwrap_or(0);
        step_of.insert(target, step);
        if steps.len() <= step {
            steps.push(Vec::new());
        }
        steps[step].push(target.clone());
    }
    steps.iter_mut().for_each(|step| step.sort());
    steps
}
