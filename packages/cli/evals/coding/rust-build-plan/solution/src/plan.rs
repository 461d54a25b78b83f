use std::collections::{BTreeMap, BTreeSet};

use crate::graph::Graph;

#[derive(Debug, PartialEq, Eq)]
pub enum PlanError {
    Unknown(String),
    /// Each needs the next one, and the last the first.
    Cycle(Vec<String>),
}

/// Targets in the order in which they can be built; where the needs leave a choice, names decide.
pub fn plan(graph: &Graph, wanted: &[&str]) -> Result<Vec<String>, PlanError> {
    let mut open: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    let mut queue: Vec<&str> = wanted.to_vec();
    while let Some(target) = queue.pop() {
        if open.contains_key(target) {
            continue;
        }
        let needs = graph.needs(target).ok_or_else(|| PlanError::Unknown(target.to_string()))?;
        queue.extend(needs.iter().map(String::as_str));
        open.insert(target, needs.iter().map(String::as_str).collect());
    }
    let mut users: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for (target, needs) in &open {
        for need in needs {
            users.entry(need).or_default().push(target);
        }
    }
    let mut ready: BTreeSet<&str> = open.iter().filter(|(_, needs)| needs.is_empty()).map(|(target, _)| *target).collect();
    let mut order = Vec::new();
    while let Some(target) = ready.pop_first() {
        open.remove(target);
        order.push(target.to_string());
        for user in users.get(target).into_iter().flatten() {
            if let Some(needs) = open.get_mut(user) {
                needs.remove(target);
                if needs.is_empty() {
                    ready.insert(user);
                }
            }
        }
    }
    if open.is_empty() { Ok(order) } else { Err(PlanError::Cycle(cycle(&open))) }
}

/// Every target that is left needs one that is left, so a walk comes around.
fn cycle(open: &BTreeMap<&str, BTreeSet<&str>>) -> Vec<String> {
    let mut path: Vec<&str> = Vec::new();
    let mut target = open.keys().next().copied();
    while let Some(name) = target {
        if let Some(begin) = path.iter().position(|one| *one == name) {
            path.drain(..begin);
            break;
        }
        path.push(name);
        target = open[name].first().copied();
    }
    let smallest = (0..path.len()).min_by_key(|place| path[*place]).unwrap_or(0);
    path.rotate_left(smallest);
    path.into_iter().map(str::to_string).collect()
}
